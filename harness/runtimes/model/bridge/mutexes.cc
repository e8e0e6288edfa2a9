// pthread_mutex_*: std::mutex, recursive_mutex, timed_mutex, lock_guard, …

#include <errno.h>
#include <pthread.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "runtimes/model/bridge/holding.h"
#include "runtimes/model/bridge/library_calls.h"
#include "runtimes/model/bridge/virtual_time.h"
#include "runtimes/model/execution.h"
#include "runtimes/model/platform/real.h"
#include "runtimes/model/sync_objects.h"
#include "runtimes/model/waiting.h"

#define RACELAB_PC reinterpret_cast<uintptr_t>(__builtin_return_address(0))

namespace racelab::model {
namespace {

// A mutex that was initialized statically says in itself what kind it is.
MutexType TypeOf(const pthread_mutex_t* mutex) {
  switch (mutex->__data.__kind & 3) {
    case PTHREAD_MUTEX_RECURSIVE_NP:
      return MutexType::kRecursive;
    case PTHREAD_MUTEX_ERRORCHECK_NP:
      return MutexType::kErrorCheck;
    default:
      return MutexType::kNormal;
  }
}

SyncObject& Find(pthread_mutex_t* mutex, uintptr_t pc) {
  CheckUse(reinterpret_cast<uintptr_t>(mutex), 8, pc);
  return MutexAt(mutex);
}

// The current thread has this mutex because one of its functions is to hold it
// throughout: what the program locks inside is held already.
bool HeldThroughout(const SyncObject& mutex) {
  const Execution& e = execution;
  return e.holding != nullptr && e.holding->mutex == mutex.address &&
         e.threads[e.current].holding_since != 0;
}

// What a robust mutex tells whoever has just got it.
int Acquired(SyncObject& mutex) {
  if (mutex.unrecoverable) {
    DropLock(mutex);
    return ENOTRECOVERABLE;
  }
  return mutex.owner_died ? EOWNERDEAD : 0;
}

void RefuseToTry(const SyncObject& mutex, const char* function, uintptr_t pc) {
  if (!LibraryCallOf(pc).librarys) return;
  Fail(verdict::FailureKind::kMisuse,
       std::string("A thread calls ") + function +
           " on a mutex that it holds already, which the C++ standard leaves "
           "undefined.",
       pc, mutex.address);
}

int Lock(pthread_mutex_t* object, uint64_t deadline, uintptr_t pc) {
  Bridge bridge;
  Execution& e = execution;
  SyncObject& mutex = Find(object, pc);
  if (mutex.owner == e.current) {
    if (HeldThroughout(mutex)) {
      ++mutex.recursion;
      return 0;
    }
    switch (mutex.type) {
      case MutexType::kRecursive:
        ++mutex.recursion;
        return 0;
      case MutexType::kErrorCheck:
        return EDEADLK;
      case MutexType::kNormal:
        if (deadline != 0) {
          RefuseToTry(mutex, "try_lock_for() or try_lock_until()", pc);
          break;
        }
        Fail(verdict::FailureKind::kDeadlock,
             "A thread locks a mutex that it holds already: it waits for "
             "itself for ever.",
             pc, mutex.address);
    }
  }
  if (!LockWhenFree(mutex, false, deadline, pc)) return ETIMEDOUT;
  if (e.log != nullptr) LogEvent(EventKind::kLock, mutex.address, 0, pc);
  return Acquired(mutex);
}

int TryLock(pthread_mutex_t* object, uintptr_t pc) {
  Bridge bridge;
  Execution& e = execution;
  SyncObject& mutex = Find(object, pc);
  const PendingOp op{.kind = OpKind::kLock, .object = mutex.address};
  if (mutex.owner == e.current) {
    if (mutex.type != MutexType::kRecursive && !HeldThroughout(mutex)) {
      RefuseToTry(mutex, "try_lock()", pc);
      return EBUSY;
    }
    ++mutex.recursion;
    return 0;
  }
  if (e.created > 1) Schedule(op);
  NoteAttempt(mutex);
  if (!Free(mutex)) {
    if (e.log != nullptr) {
      LogEvent(EventKind::kTryLockFailed, mutex.address, 0, pc);
    }
    Executed(op);
    NoteRead(pc, FailedAttempt(mutex), 0);
    return EBUSY;
  }
  TakeLock(mutex, pc);
  if (e.created > 1) Executed(op);
  if (e.log != nullptr) LogEvent(EventKind::kLock, mutex.address, 0, pc);
  NoteRead(pc, mutex.address, mutex.version);
  return Acquired(mutex);
}

int Unlock(pthread_mutex_t* object, uintptr_t pc) {
  Bridge bridge;
  Execution& e = execution;
  SyncObject& mutex = Find(object, pc);
  if (mutex.owner != e.current) {
    if (mutex.type == MutexType::kErrorCheck || mutex.robust) return EPERM;
    Fail(verdict::FailureKind::kMisuse,
         mutex.owner < 0
             ? "A thread unlocks a mutex that is not locked."
             : "A thread unlocks a mutex that another thread has locked.",
         pc, mutex.address);
  }
  if (mutex.recursion > 1) {
    --mutex.recursion;
    return 0;
  }
  const PendingOp op{.kind = OpKind::kUnlock, .object = mutex.address};
  if (e.created > 1 && e.unlock_is_point) Schedule(op);
  if (e.log != nullptr) LogEvent(EventKind::kUnlock, mutex.address, 0, pc);
  if (mutex.owner_died) {
    mutex.owner_died = false;
    mutex.unrecoverable = true;
  }
  DropLock(mutex);
  if (e.created > 1) Executed(op);
  return 0;
}

}  // namespace

void HoldOnEntry(uintptr_t pc) {
  Execution& e = execution;
  ThreadState& self = e.self();
  const std::vector<Holding::Code>& functions = e.holding->functions;
  if (self.holding_since != 0 ||
      std::none_of(functions.begin(), functions.end(),
                   [&](const Holding::Code& code) {
                     return code.begin <= pc && pc < code.end;
                   })) {
    return;
  }
  auto* object = reinterpret_cast<pthread_mutex_t*>(e.holding->mutex);
  SyncObject* mutex = FindSync(e.holding->mutex);
  if (mutex != nullptr && mutex->owner == e.current) {
    ++mutex->recursion;
  } else {
    Lock(object, 0, pc);
  }
  self.holding_since = self.depth;
}

void ReleaseOnExit(uintptr_t pc) {
  Execution& e = execution;
  ThreadState& self = e.self();
  if (self.holding_since == 0 || self.depth > self.holding_since) return;
  self.holding_since = 0;
  Unlock(reinterpret_cast<pthread_mutex_t*>(e.holding->mutex), pc);
}

SyncObject& MutexAt(void* mutex) {
  const auto address = reinterpret_cast<uintptr_t>(mutex);
  SyncObject* known = FindSync(address);
  if (known != nullptr && known->kind == SyncKind::kMutex) return *known;
  SyncObject& made = Sync(address, SyncKind::kMutex);
  made.type = TypeOf(static_cast<const pthread_mutex_t*>(mutex));
  return made;
}

}  // namespace racelab::model

using namespace racelab::model;

extern "C" {

int pthread_mutex_init(pthread_mutex_t* mutex,
                       const pthread_mutexattr_t* attributes) noexcept {
  const int result = Real().pthread_mutex_init(mutex, attributes);
  if (!Modelled(mutex) || result != 0) return result;
  Bridge bridge;
  SyncObject* old = FindSync(reinterpret_cast<uintptr_t>(mutex));
  if (old != nullptr) DestroySync(*old, RACELAB_PC);
  SyncObject& made = Sync(reinterpret_cast<uintptr_t>(mutex), SyncKind::kMutex);
  made.type = TypeOf(mutex);
  int robust = PTHREAD_MUTEX_STALLED;
  if (attributes != nullptr) pthread_mutexattr_getrobust(attributes, &robust);
  if (robust == PTHREAD_MUTEX_ROBUST) MakeRobust(made);
  return 0;
}

int pthread_mutex_destroy(pthread_mutex_t* mutex) noexcept {
  if (!Modelled(mutex)) return Real().pthread_mutex_destroy(mutex);
  Bridge bridge;
  SyncObject* known = FindSync(reinterpret_cast<uintptr_t>(mutex));
  if (known != nullptr) DestroySync(*known, RACELAB_PC);
  return 0;
}

// Within an execution there is nobody who could contend for the runner's own
// mutexes.
int pthread_mutex_lock(pthread_mutex_t* mutex) noexcept {
  if (Modelled(mutex)) return Lock(mutex, 0, RACELAB_PC);
  return execution.active ? 0 : Real().pthread_mutex_lock(mutex);
}
int pthread_mutex_trylock(pthread_mutex_t* mutex) noexcept {
  if (Modelled(mutex)) return TryLock(mutex, RACELAB_PC);
  return execution.active ? 0 : Real().pthread_mutex_trylock(mutex);
}
int pthread_mutex_unlock(pthread_mutex_t* mutex) noexcept {
  if (Modelled(mutex)) return Unlock(mutex, RACELAB_PC);
  return execution.active ? 0 : Real().pthread_mutex_unlock(mutex);
}
int pthread_mutex_timedlock(pthread_mutex_t* mutex,
                            const timespec* until) noexcept {
  if (!Modelled(mutex)) return Real().pthread_mutex_timedlock(mutex, until);
  return Lock(mutex, Deadline(CLOCK_REALTIME, until), RACELAB_PC);
}
int pthread_mutex_clocklock(pthread_mutex_t* mutex, clockid_t clock,
                            const timespec* until) noexcept {
  if (!Modelled(mutex)) {
    return Real().pthread_mutex_clocklock(mutex, clock, until);
  }
  return Lock(mutex, Deadline(clock, until), RACELAB_PC);
}

int pthread_mutex_consistent(pthread_mutex_t* mutex) noexcept {
  if (!Modelled(mutex)) return Real().pthread_mutex_consistent(mutex);
  SyncObject* known = FindSync(reinterpret_cast<uintptr_t>(mutex));
  if (known == nullptr || !known->owner_died) return EINVAL;
  known->owner_died = false;
  return 0;
}

}  // extern "C"
