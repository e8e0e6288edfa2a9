// Locks, condition variables, semaphores and what else threads wait for, by
// address.
//
// These are not Relacy's: its mutex admits no precise answer to "may this
// thread take its next step?", it fails tests where pthreads says EDEADLK or
// EOWNERDEAD, it orders readers among each other, and its semaphores wake by a
// random number that no Strategy sees. They stand on Relacy's parking and
// clocks.
//
// A thread that is about to lock is registered with the lock *before* its
// schedule point and can be scheduled only while the lock is free: so a
// strategy never sees a thread as enabled that would only block.

#ifndef RACELAB_RUNTIMES_MODEL_SYNC_OBJECTS_H_
#define RACELAB_RUNTIMES_MODEL_SYNC_OBJECTS_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "runtimes/model/bridge/accesses.h"
#include "runtimes/model/execution.h"

namespace racelab::model {

enum class SyncKind : uint8_t {
  kMutex,
  kRwLock,
  kCondition,
  kSemaphore,
  kBarrier,
  kSpinLock,
  kFutex,
  kOnce,
  kCount,    // of the references to an exception
  kNothing,  // its memory is used for something else
};

enum class MutexType : uint8_t { kNormal, kErrorCheck, kRecursive };

struct SyncObject {
  uintptr_t address;
  SyncKind kind;
  MutexType type;
  bool robust;
  bool owner_died;     // robust: the next owner learns of it
  bool unrecoverable;  // robust: unlocked without pthread_mutex_consistent
  bool ready;          // once: done
  bool ended;          // destroyed, and not made anew
  int8_t owner;        // -1: free
  uint8_t queued;
  uint32_t recursion;
  uint32_t readers;        // hold it shared
  uint32_t lockers;        // next step: lock it
  uint32_t share_lockers;  // next step: lock it shared
  uint32_t circled;  // threads that take it on a circle that was cut short
  int64_t value;     // a semaphore's count, a barrier's arrivals
  int64_t limit;     // a barrier's number of threads
  uint64_t version;  // unlocks after which something had changed
  uint64_t changes_at_lock;
  uintptr_t locked_pc;
  uint8_t queue[kMaxThreads];         // wait to be notified, oldest first
  uint8_t read_depth[kMaxThreads];    // how often each reader holds it
  Timestamp clock[kMaxThreads];       // published by those who released it
  Timestamp read_clock[kMaxThreads];  // … who released it from shared
};

// Forgets all objects.
void ResetSyncObjects();

// Null if nothing of any kind was used at that address so far.
SyncObject* FindSync(uintptr_t address);
// Finds or makes it. Another kind of object at the same address is gone:
// memory was used again.
SyncObject& Sync(uintptr_t address, SyncKind kind);
// The object ends. `how` completes "a mutex is destroyed while …" checks:
// finding kMisuse if it is locked or waited for.
void DestroySync(SyncObject& object, uintptr_t pc);
// Of a kind that only an init function makes: fails if it was destroyed.
void RequireAlive(const SyncObject& object, uintptr_t pc);
void MakeRobust(SyncObject& mutex);
// Was there one in this execution?
bool RobustUsed();
// The current thread ends: who waits for a robust mutex that it holds learns of
// it.
void ReleaseRobust();
// All threads have ended. Fails if one of them has left a lock of the C++
// library's locked: undefined by the standard, other than for pthread_mutex_t.
void FailIfLeftLocked();
// Every object in a range of memory that is freed ends.
void DestroySyncIn(uintptr_t begin, uintptr_t end, uintptr_t pc);
// Such a range is given out again.
void ForgetSyncIn(uintptr_t begin, uintptr_t end);

const char* NameOf(SyncKind kind);
inline constexpr char kEndlessLoop[] =
    "A thread loops without ever touching shared memory or synchronizing.";

// May another thread take it (exclusively) now?
inline bool Free(const SyncObject& lock) {
  return lock.kind == SyncKind::kSemaphore
             ? lock.value > 0
             : lock.owner < 0 && lock.readers == 0;
}
inline bool FreeToShare(const SyncObject& lock) { return lock.owner < 0; }
// The current thread tries to get it, and need not succeed: it may see others
// who hold it on a circle (spin.h).
inline void NoteAttempt(const SyncObject& lock) {
  if ((lock.circled & ~(uint32_t{1} << execution.current)) != 0) {
    Withhold(Limit::kRetries);
  }
}
// For NoteRead: what a thread looked at that found the lock taken.
inline uintptr_t FailedAttempt(const SyncObject& lock) {
  return lock.address + 1;
}
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

// The runner's own objects (GoogleTest's locks) are not modelled.
bool IsRunnerObject(const void* object);
inline bool Modelled(const void* object) {
  return InProgram() && (IsProgramMemory(reinterpret_cast<uintptr_t>(object)) ||
                         !IsRunnerObject(object));
}

// The current thread is about to use the object at this address: fails if the
// memory is freed, if its scope has ended, or if nothing orders this use after
// the object was made; and if its memory is freed later, with nothing to order
// that after this use.
inline void CheckUse(uintptr_t address, size_t size, uintptr_t pc) {
  if (!Arena::Contains(address) && !IsFiberStack(address)) return;
  ReadBriefly(address, size, pc);
}

// Locks and unlocks, with the checks that all kinds of exclusive locks share;
// for pthread_mutex_t in bridge/mutexes.cc.
SyncObject& MutexAt(void* mutex);

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_SYNC_OBJECTS_H_
