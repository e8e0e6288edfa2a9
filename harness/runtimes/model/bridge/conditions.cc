// pthread_cond_*: std::condition_variable and, with a mutex inside,
// condition_variable_any.
//
// A wait may end because of a notification, because its time is over, or for no
// reason at all. The last two are choices, made when the wait begins: a thread
// that times out is not in the queue, and goes on when the strategy lets it.
// Choosing later would add nothing, since until it goes on nobody can tell.

#include <errno.h>
#include <pthread.h>

#include <cstdint>

#include "runtimes/model/bridge/virtual_time.h"
#include "runtimes/model/decision_gate.h"
#include "runtimes/model/execution.h"
#include "runtimes/model/platform/real.h"
#include "runtimes/model/sync_objects.h"
#include "runtimes/model/waiting.h"

#define RACELAB_PC reinterpret_cast<uintptr_t>(__builtin_return_address(0))

namespace racelab::model {
namespace {

void LogWake(const SyncObject& object, WakeReason reason, uintptr_t pc) {
  if (Event* event = LogEvent(EventKind::kWake, object.address, 0, pc)) {
    event->detail = reason == WakeReason::kTimeout    ? "timeout"
                    : reason == WakeReason::kSpurious ? "spurious"
                                                      : "notified";
  }
}

int Wait(pthread_cond_t* condition, pthread_mutex_t* object, uint64_t deadline,
         uintptr_t pc) {
  Bridge bridge;
  Execution& e = execution;
  CheckUse(reinterpret_cast<uintptr_t>(condition), 8, pc);
  SyncObject& queue =
      Sync(reinterpret_cast<uintptr_t>(condition), SyncKind::kCondition);
  SyncObject& mutex = MutexAt(object);
  if (mutex.owner != e.current) {
    Fail(verdict::FailureKind::kMisuse,
         "A thread waits on a condition variable without holding the mutex "
         "that it passes.",
         pc, mutex.address);
  }
  if (queue.queued > 0 && e.threads[queue.queue[0]].relock != &mutex) {
    Fail(verdict::FailureKind::kMisuse,
         "Two threads wait on one condition variable at once, with different "
         "mutexes.",
         pc, queue.address);
  }
  const PendingOp op{
      .kind = OpKind::kWait, .object = queue.address, .object2 = mutex.address};
  if (e.created > 1) Schedule(op);
  WakeReason reason = WakeReason::kNotified;
  if (deadline != 0 && ChooseTimeout(op)) {
    reason = WakeReason::kTimeout;
    if (deadline > e.now) e.now = deadline;
  } else if (ChooseSpurious(op)) {
    reason = WakeReason::kSpurious;
  } else {
    Enqueue(queue);
  }
  if (e.log != nullptr) {
    LogEvent(EventKind::kUnlock, mutex.address, 0, pc);
    LogEvent(EventKind::kBlock, queue.address, 0, pc);
  }
  const uint32_t recursion = mutex.recursion;
  const uintptr_t locked_pc = mutex.locked_pc;
  DropLock(mutex);
  if (e.created > 1) Executed(op);

  bool locked = false;
  if (reason == WakeReason::kNotified) {
    ThreadState& self = e.self();
    self.relock = &mutex;
    const PendingOp lock{.kind = OpKind::kLock, .object = mutex.address};
    reason = WaitInQueue(queue, deadline, lock);
    self.relock = nullptr;
    if (reason == WakeReason::kNotified) {
      // Scheduled only when the mutex was free.
      Leave(mutex, e.current);
      LogWake(queue, reason, pc);
      TakeLock(mutex, pc);
      Executed(lock);
      locked = true;
    }
  }
  if (!locked) {
    LogWake(queue, reason, pc);
    if (reason == WakeReason::kSpurious) e.self().woke_from = &queue;
    LockWhenFree(mutex, false, 0, pc);
    e.self().woke_from = nullptr;
  }
  mutex.recursion = recursion;
  // Who leaves it locked is told where the program, not the library, locked it.
  mutex.locked_pc = locked_pc;
  if (e.log != nullptr) LogEvent(EventKind::kLock, mutex.address, 0, pc);
  return reason == WakeReason::kTimeout ? ETIMEDOUT : 0;
}

// Whether a notify wakes nobody else than it would have woken, had some thread
// not woken spuriously before: the thread is on its way either way, and has not
// looked at anything in between. So the execution with the notified wake-up is
// this one, step by step.
bool StandsForASpuriousWake(const SyncObject& queue, bool all) {
  const Execution& e = execution;
  if (e.spurious_total == 0 || (!all && queue.queued > 0)) return false;
  for (int t = 0; t < e.created; ++t) {
    if (e.threads[t].woke_from == &queue) return true;
  }
  return false;
}

int Notify(pthread_cond_t* condition, bool all, uintptr_t pc) {
  Bridge bridge;
  Execution& e = execution;
  SyncObject& queue =
      Sync(reinterpret_cast<uintptr_t>(condition), SyncKind::kCondition);
  const PendingOp op{.kind = OpKind::kNotify, .object = queue.address};
  if (e.created > 1) Schedule(op);
  // Whom it wakes may end it: only that it is gone already is wrong.
  CheckFreed(queue.address, pc);
  if (e.log != nullptr) {
    LogEvent(all ? EventKind::kNotifyAll : EventKind::kNotifyOne, queue.address,
             0, pc);
  }
  if (e.strategy->SkipsRepetitions() && StandsForASpuriousWake(queue, all)) {
    EndExecution(ExecutionEnd::kPruned);
  }
  if (queue.queued > 0) {
    NoteChange(queue.address);
    do {
      const ThreadId thread = all ? queue.queue[0] : TakeWaiter(queue, op);
      if (all) RemoveFromQueue(queue, thread);
      WakeUp(thread, e.threads[thread].relock);
    } while (all && queue.queued > 0);
  }
  if (e.created > 1) Executed(op);
  return 0;
}

}  // namespace
}  // namespace racelab::model

using namespace racelab::model;

extern "C" {

int pthread_cond_init(pthread_cond_t* condition,
                      const pthread_condattr_t* attributes) noexcept {
  const int result = Real().pthread_cond_init(condition, attributes);
  if (!Modelled(condition) || result != 0) return result;
  Bridge bridge;
  clockid_t clock = CLOCK_REALTIME;
  if (attributes != nullptr) pthread_condattr_getclock(attributes, &clock);
  // pthread_cond_timedwait's clock.
  Sync(reinterpret_cast<uintptr_t>(condition), SyncKind::kCondition).value =
      clock;
  return 0;
}

int pthread_cond_destroy(pthread_cond_t* condition) noexcept {
  if (!Modelled(condition)) return Real().pthread_cond_destroy(condition);
  Bridge bridge;
  SyncObject* known = FindSync(reinterpret_cast<uintptr_t>(condition));
  if (known == nullptr) return 0;
  // A notify may come before it or after.
  const PendingOp op{.kind = OpKind::kNotify, .object = known->address};
  const Execution& e = execution;
  const bool point = e.created - e.finished > 1;
  if (point) Schedule(op);
  DestroySync(*known, RACELAB_PC);
  if (point) Executed(op);
  return 0;
}

int pthread_cond_wait(pthread_cond_t* condition, pthread_mutex_t* mutex) {
  if (!Modelled(condition)) return Real().pthread_cond_wait(condition, mutex);
  return Wait(condition, mutex, 0, RACELAB_PC);
}
int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex,
                           const timespec* until) {
  if (!Modelled(condition)) {
    return Real().pthread_cond_timedwait(condition, mutex, until);
  }
  const SyncObject& known =
      Sync(reinterpret_cast<uintptr_t>(condition), SyncKind::kCondition);
  return Wait(condition, mutex,
              Deadline(static_cast<clockid_t>(known.value), until), RACELAB_PC);
}
int pthread_cond_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex,
                           clockid_t clock, const timespec* until) {
  if (!Modelled(condition)) {
    return Real().pthread_cond_clockwait(condition, mutex, clock, until);
  }
  return Wait(condition, mutex, Deadline(clock, until), RACELAB_PC);
}
int pthread_cond_signal(pthread_cond_t* condition) noexcept {
  if (!Modelled(condition)) return Real().pthread_cond_signal(condition);
  return Notify(condition, false, RACELAB_PC);
}
int pthread_cond_broadcast(pthread_cond_t* condition) noexcept {
  if (!Modelled(condition)) return Real().pthread_cond_broadcast(condition);
  return Notify(condition, true, RACELAB_PC);
}

}  // extern "C"
