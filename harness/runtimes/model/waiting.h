// How the running program's threads take and give back locks, wait for them and
// in queues, and what ends a wait: a wake-up, a timeout, a spurious wake-up.
//
// A thread that is about to lock is registered with the lock *before* its
// schedule point and can be scheduled only while the lock is free: so a
// strategy never sees a thread as enabled that would only block.
//
// A lock that is given back is free to whoever comes first, as on a real
// machine; but nobody is passed over for ever (the weakest promise that any
// fair scheduler keeps). Where that is enforced, evidence says so
// (Limit::kFairness).
//
// Only for the thread that runs, as all of Execution: no thread safety.

#ifndef RACELAB_RUNTIMES_MODEL_WAITING_H_
#define RACELAB_RUNTIMES_MODEL_WAITING_H_

#include <cstdint>

#include "runtimes/model/execution.h"
#include "runtimes/model/sync_objects.h"

namespace racelab::model {

// Who is about to lock may do so, or not, according to the lock's state.
void RefreshLockers(SyncObject& lock);

// The current thread takes or gives back a lock; no schedule point.
void TakeLock(SyncObject& lock, uintptr_t pc);
void DropLock(SyncObject& lock);
void TakeShared(SyncObject& lock, uintptr_t pc);
void DropShared(SyncObject& lock);

// Waits until the lock is free and takes it; a schedule point. A semaphore is
// taken, too: a permit of it. False if `deadline` (virtual nanoseconds, 0 for
// none) passed first.
bool LockWhenFree(SyncObject& lock, bool shared, uint64_t deadline,
                  uintptr_t pc);

// Queues the current thread, blocks it, and says why it went on. The caller has
// passed its schedule point. After kNotified the thread is out of the queue.
// `then` is what it will do next once woken, for `Schedule`'s sake.
void Enqueue(SyncObject& object);
WakeReason WaitInQueue(SyncObject& object, uint64_t deadline,
                       const PendingOp& then);
void RemoveFromQueue(SyncObject& object, ThreadId thread);
// Takes a waiter out of the queue, chosen by the strategy among those whose
// bits are set; -1 if none of them waits.
ThreadId TakeWaiter(SyncObject& object, const PendingOp& op,
                    uint32_t among = ~0u);

// The address of what the program would say that `waiter` waits for: the
// atomic, where libstdc++ keeps its waiters at a place that atomics share.
uintptr_t ShownAs(const SyncObject& object, const ThreadState& waiter);

// A waiter that was taken out of the queue goes on: at once, or, where it has
// to lock `relock` first (a condition variable's mutex), when that is free.
void WakeUp(ThreadId thread, SyncObject* relock);
// A wait of `thread` ends because time passed.
void CancelWait(ThreadId thread);
// Ends a thread's readiness to lock.
void Leave(SyncObject& lock, ThreadId thread);

// May a timed wait of the current thread end at once? Asks the strategy, as
// long as the thread has not used up its share.
bool ChooseTimeout(const PendingOp& op);
bool ChooseSpurious(const PendingOp& op);

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_WAITING_H_
