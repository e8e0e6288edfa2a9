// sem_* (std::counting_semaphore is built on them) and pthread_barrier_*.

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>

#include <cstdint>
#include <string>

#include "runtimes/model/bridge/library_calls.h"
#include "runtimes/model/bridge/virtual_time.h"
#include "runtimes/model/execution.h"
#include "runtimes/model/platform/real.h"
#include "runtimes/model/sync_objects.h"
#include "runtimes/model/waiting.h"

#define RACELAB_PC reinterpret_cast<uintptr_t>(__builtin_return_address(0))

namespace racelab::model {
namespace {

SyncObject& Semaphore(sem_t* semaphore, uintptr_t pc) {
  const auto address = reinterpret_cast<uintptr_t>(semaphore);
  CheckUse(address, 8, pc);
  SyncObject* known = FindSync(address);
  if (known != nullptr && known->kind == SyncKind::kSemaphore) {
    RequireAlive(*known, pc);
    return *known;
  }
  // Initialized before the execution began: the C library keeps the count in
  // the low half of the first word.
  SyncObject& made = Sync(address, SyncKind::kSemaphore);
  made.value = *reinterpret_cast<const int*>(semaphore);
  return made;
}

int Fail(int error) {
  errno = error;
  return -1;
}

int Wait(sem_t* object, uint64_t deadline, uintptr_t pc) {
  Bridge bridge;
  SyncObject& semaphore = Semaphore(object, pc);
  if (!LockWhenFree(semaphore, false, deadline, pc)) return Fail(ETIMEDOUT);
  if (execution.log != nullptr) {
    LogEvent(EventKind::kSemWait, semaphore.address, 0, pc);
  }
  NoteChange(semaphore.address);
  return 0;
}

int TryWait(sem_t* object, uintptr_t pc) {
  Bridge bridge;
  Execution& e = execution;
  SyncObject& semaphore = Semaphore(object, pc);
  const PendingOp op{.kind = OpKind::kWait, .object = semaphore.address};
  if (e.created > 1) Schedule(op);
  const bool available = Free(semaphore);
  if (available) TakeLock(semaphore, pc);
  if (e.log != nullptr) {
    LogEvent(available ? EventKind::kSemWait : EventKind::kTryLockFailed,
             semaphore.address, 0, pc);
  }
  if (e.created > 1) Executed(op);
  if (available) {
    NoteChange(semaphore.address);
    return 0;
  }
  NoteRead(pc, semaphore.address, 0);
  return Fail(EAGAIN);
}

int Post(sem_t* object, uintptr_t pc) {
  Bridge bridge;
  Execution& e = execution;
  SyncObject& semaphore = Semaphore(object, pc);
  const PendingOp op{.kind = OpKind::kPost, .object = semaphore.address};
  if (e.created > 1) Schedule(op);
  if (semaphore.value == SEM_VALUE_MAX) return Fail(EOVERFLOW);
  if (semaphore.value > 0) {
    const int64_t most = LibraryCallAt(pc).most;
    if (most != 0 && semaphore.value >= most) {
      model::Fail(verdict::FailureKind::kMisuse,
                  "A semaphore is released more often than it may count: its "
                  "max() is " +
                      std::to_string(most) + ".",
                  pc, semaphore.address);
    }
  }
  if (e.log != nullptr) {
    LogEvent(EventKind::kSemPost, semaphore.address, 0, pc);
  }
  ++semaphore.value;
  ReleaseClock(e.current, semaphore.clock);
  NoteChange(semaphore.address);
  if (semaphore.lockers != 0) RefreshLockers(semaphore);
  if (e.created > 1) Executed(op);
  return 0;
}

int BarrierWait(pthread_barrier_t* object, uintptr_t pc) {
  Bridge bridge;
  Execution& e = execution;
  CheckUse(reinterpret_cast<uintptr_t>(object), 8, pc);
  SyncObject& barrier =
      Sync(reinterpret_cast<uintptr_t>(object), SyncKind::kBarrier);
  RequireAlive(barrier, pc);
  // Initialized before the execution began: count is the third word of glibc's.
  if (barrier.limit == 0) {
    barrier.limit = reinterpret_cast<const unsigned*>(object)[2];
  }
  const PendingOp op{.kind = OpKind::kWait, .object = barrier.address};
  Schedule(op);
  ++barrier.value;
  ReleaseClock(e.current, barrier.clock);
  NoteChange(barrier.address);
  if (barrier.value == barrier.limit) {
    barrier.value = 0;
    AcquireClock(e.current, barrier.clock);
    while (barrier.queued > 0) {
      const ThreadId thread = barrier.queue[0];
      RemoveFromQueue(barrier, thread);
      AcquireClock(thread, barrier.clock);
      WakeUp(thread, nullptr);
    }
    if (e.log != nullptr) {
      LogEvent(EventKind::kNotifyAll, barrier.address, 0, pc);
    }
    Executed(op);
    return PTHREAD_BARRIER_SERIAL_THREAD;
  }
  Enqueue(barrier);
  if (e.log != nullptr) LogEvent(EventKind::kBlock, barrier.address, 0, pc);
  Executed(op);
  WaitInQueue(barrier, 0, {.kind = OpKind::kNone});
  Executed({.kind = OpKind::kNone});
  if (e.log != nullptr) LogEvent(EventKind::kWake, barrier.address, 0, pc);
  return 0;
}

}  // namespace
}  // namespace racelab::model

using namespace racelab::model;
namespace verdict = racelab::verdict;

extern "C" {

int sem_init(sem_t* semaphore, int shared, unsigned value) noexcept {
  const int result = Real().sem_init(semaphore, shared, value);
  if (!Modelled(semaphore) || result != 0) return result;
  Bridge bridge;
  SyncObject& made =
      Sync(reinterpret_cast<uintptr_t>(semaphore), SyncKind::kSemaphore);
  DestroySync(made, RACELAB_PC);
  made.ended = false;
  made.value = value;
  return 0;
}
int sem_destroy(sem_t* semaphore) noexcept {
  if (!Modelled(semaphore)) return Real().sem_destroy(semaphore);
  Bridge bridge;
  DestroySync(Semaphore(semaphore, RACELAB_PC), RACELAB_PC);
  return 0;
}
int sem_wait(sem_t* semaphore) {
  if (!Modelled(semaphore)) return Real().sem_wait(semaphore);
  return Wait(semaphore, 0, RACELAB_PC);
}
int sem_trywait(sem_t* semaphore) noexcept {
  if (!Modelled(semaphore)) return Real().sem_trywait(semaphore);
  return TryWait(semaphore, RACELAB_PC);
}
int sem_timedwait(sem_t* semaphore, const timespec* until) {
  if (!Modelled(semaphore)) return Real().sem_timedwait(semaphore, until);
  return Wait(semaphore, Deadline(CLOCK_REALTIME, until), RACELAB_PC);
}
int sem_clockwait(sem_t* semaphore, clockid_t clock, const timespec* until) {
  if (!Modelled(semaphore)) {
    return Real().sem_clockwait(semaphore, clock, until);
  }
  return Wait(semaphore, Deadline(clock, until), RACELAB_PC);
}
int sem_post(sem_t* semaphore) noexcept {
  if (!Modelled(semaphore)) return Real().sem_post(semaphore);
  return Post(semaphore, RACELAB_PC);
}
int sem_getvalue(sem_t* semaphore, int* value) noexcept {
  if (!Modelled(semaphore)) return Real().sem_getvalue(semaphore, value);
  Bridge bridge;
  SyncObject& known = Semaphore(semaphore, RACELAB_PC);
  if (execution.created > 1) {
    const PendingOp op{.kind = OpKind::kWait, .object = known.address};
    Schedule(op);
    Executed(op);
    NoteRead(RACELAB_PC, known.address, static_cast<uint64_t>(known.value));
  }
  *value = static_cast<int>(known.value);
  return 0;
}

int pthread_barrier_init(pthread_barrier_t* barrier,
                         const pthread_barrierattr_t* attributes,
                         unsigned count) noexcept {
  const int result = Real().pthread_barrier_init(barrier, attributes, count);
  if (!Modelled(barrier) || result != 0) return result;
  Bridge bridge;
  SyncObject& made =
      Sync(reinterpret_cast<uintptr_t>(barrier), SyncKind::kBarrier);
  DestroySync(made, RACELAB_PC);
  made.ended = false;
  made.limit = count;
  return 0;
}
int pthread_barrier_destroy(pthread_barrier_t* barrier) noexcept {
  if (!Modelled(barrier)) return Real().pthread_barrier_destroy(barrier);
  Bridge bridge;
  SyncObject* known = FindSync(reinterpret_cast<uintptr_t>(barrier));
  if (known != nullptr) DestroySync(*known, RACELAB_PC);
  return 0;
}
int pthread_barrier_wait(pthread_barrier_t* barrier) noexcept {
  if (!Modelled(barrier)) return Real().pthread_barrier_wait(barrier);
  return BarrierWait(barrier, RACELAB_PC);
}

}  // extern "C"
