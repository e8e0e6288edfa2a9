// pthread_rwlock_* (std::shared_mutex, shared_timed_mutex) and pthread_spin_*.

#include <errno.h>
#include <pthread.h>

#include <cstdint>

#include "runtimes/model/bridge/library_calls.h"
#include "runtimes/model/bridge/virtual_time.h"
#include "runtimes/model/execution.h"
#include "runtimes/model/platform/real.h"
#include "runtimes/model/sync_objects.h"
#include "runtimes/model/waiting.h"

#define RACELAB_PC reinterpret_cast<uintptr_t>(__builtin_return_address(0))

namespace racelab::model {
namespace {

constexpr uint32_t Bit(ThreadId thread) { return uint32_t{1} << thread; }

SyncObject& Find(const volatile void* lock, SyncKind kind) {
  return Sync(reinterpret_cast<uintptr_t>(lock), kind);
}

// The current thread holds it.
void RefuseToTry(const SyncObject& lock, uintptr_t pc) {
  if (!LibraryCallOf(pc).librarys) return;
  Fail(verdict::FailureKind::kMisuse,
       "A thread tries to lock what it holds already, which the C++ standard "
       "leaves undefined.",
       pc, lock.address);
}

int Lock(SyncObject& lock, bool shared, uint64_t deadline, uintptr_t pc) {
  Execution& e = execution;
  const bool mine = lock.owner == e.current;
  const bool read_by_me = (lock.readers & Bit(e.current)) != 0;
  if (deadline == 0 && (mine || (read_by_me && !shared))) {
    Fail(verdict::FailureKind::kDeadlock,
         mine ? "A thread locks what it has locked already: it waits for "
                "itself for ever."
              : "A thread that holds a lock shared locks it exclusively: it "
                "waits for itself for ever.",
         pc, lock.address);
  }
  if (deadline != 0 && (mine || read_by_me)) RefuseToTry(lock, pc);
  if (!LockWhenFree(lock, shared, deadline, pc)) return ETIMEDOUT;
  if (e.log != nullptr) {
    LogEvent(shared ? EventKind::kLockShared : EventKind::kLock, lock.address,
             0, pc);
  }
  return 0;
}

int TryLock(SyncObject& lock, bool shared, uintptr_t pc) {
  Execution& e = execution;
  const PendingOp op{.kind = shared ? OpKind::kLockShared : OpKind::kLock,
                     .object = lock.address};
  if (lock.owner == e.current || (lock.readers & Bit(e.current)) != 0) {
    RefuseToTry(lock, pc);
  }
  if (e.created > 1) Schedule(op);
  NoteAttempt(lock);
  const bool available = shared ? FreeToShare(lock) : Free(lock);
  if (available) shared ? TakeShared(lock, pc) : TakeLock(lock, pc);
  if (e.log != nullptr) {
    LogEvent(!available ? EventKind::kTryLockFailed
             : shared   ? EventKind::kLockShared
                        : EventKind::kLock,
             lock.address, 0, pc);
  }
  if (e.created > 1) Executed(op);
  if (available) {
    NoteRead(pc, lock.address, lock.version);
  } else {
    NoteRead(pc, FailedAttempt(lock), 0);
  }
  return available ? 0 : EBUSY;
}

int Unlock(SyncObject& lock, uintptr_t pc) {
  Execution& e = execution;
  const bool exclusive = lock.owner == e.current;
  if (!exclusive && (lock.readers & Bit(e.current)) == 0) {
    Fail(verdict::FailureKind::kMisuse,
         Free(lock) ? "A thread unlocks what is not locked."
                    : "A thread unlocks what another thread has locked.",
         pc, lock.address);
  }
  if (const LibraryCall& call = LibraryCallAt(pc);
      exclusive ? call.unlocks_shared : call.unlocks) {
    Fail(verdict::FailureKind::kMisuse,
         exclusive ? "unlock_shared() is called on what the thread has locked "
                     "with lock()."
                   : "unlock() is called on what the thread has locked with "
                     "lock_shared().",
         pc, lock.address);
  }
  const PendingOp op{
      .kind = exclusive ? OpKind::kUnlock : OpKind::kUnlockShared,
      .object = lock.address};
  if (e.created > 1 && e.unlock_is_point) Schedule(op);
  if (e.log != nullptr) {
    LogEvent(exclusive ? EventKind::kUnlock : EventKind::kUnlockShared,
             lock.address, 0, pc);
  }
  exclusive ? DropLock(lock) : DropShared(lock);
  if (e.created > 1) Executed(op);
  return 0;
}

SyncObject& RwLock(pthread_rwlock_t* lock, uintptr_t pc) {
  CheckUse(reinterpret_cast<uintptr_t>(lock), 8, pc);
  return Find(lock, SyncKind::kRwLock);
}
SyncObject& Spin(pthread_spinlock_t* lock, uintptr_t pc) {
  CheckUse(reinterpret_cast<uintptr_t>(lock), sizeof *lock, pc);
  SyncObject& found = Find(lock, SyncKind::kSpinLock);
  RequireAlive(found, pc);
  return found;
}

// Made anew: whatever was there ends.
void Begin(volatile void* lock, uintptr_t pc) {
  SyncObject* known = FindSync(reinterpret_cast<uintptr_t>(lock));
  if (known == nullptr) return;
  DestroySync(*known, pc);
  known->ended = false;
}

}  // namespace
}  // namespace racelab::model

using namespace racelab::model;

extern "C" {

int pthread_rwlock_init(pthread_rwlock_t* lock,
                        const pthread_rwlockattr_t* attributes) noexcept {
  if (Modelled(lock)) {
    Bridge bridge;
    Begin(lock, RACELAB_PC);
  }
  return Real().pthread_rwlock_init(lock, attributes);
}
int pthread_rwlock_destroy(pthread_rwlock_t* lock) noexcept {
  if (!Modelled(lock)) return Real().pthread_rwlock_destroy(lock);
  Bridge bridge;
  SyncObject* known = FindSync(reinterpret_cast<uintptr_t>(lock));
  if (known != nullptr) DestroySync(*known, RACELAB_PC);
  return 0;
}

#define RACELAB_RWLOCK(name, call)                                  \
  int pthread_rwlock_##name(pthread_rwlock_t* lock) noexcept {      \
    if (!Modelled(lock)) return Real().pthread_rwlock_##name(lock); \
    Bridge bridge;                                                  \
    return call;                                                    \
  }
RACELAB_RWLOCK(rdlock, Lock(RwLock(lock, RACELAB_PC), true, 0, RACELAB_PC))
RACELAB_RWLOCK(wrlock, Lock(RwLock(lock, RACELAB_PC), false, 0, RACELAB_PC))
RACELAB_RWLOCK(tryrdlock, TryLock(RwLock(lock, RACELAB_PC), true, RACELAB_PC))
RACELAB_RWLOCK(trywrlock, TryLock(RwLock(lock, RACELAB_PC), false, RACELAB_PC))
RACELAB_RWLOCK(unlock, Unlock(RwLock(lock, RACELAB_PC), RACELAB_PC))
#undef RACELAB_RWLOCK

#define RACELAB_TIMED(mode, shared)                                       \
  int pthread_rwlock_timed##mode(pthread_rwlock_t* lock,                  \
                                 const timespec* until) noexcept {        \
    if (!Modelled(lock))                                                  \
      return Real().pthread_rwlock_timed##mode(lock, until);              \
    Bridge bridge;                                                        \
    return Lock(RwLock(lock, RACELAB_PC), shared,                         \
                Deadline(CLOCK_REALTIME, until), RACELAB_PC);             \
  }                                                                       \
  int pthread_rwlock_clock##mode(pthread_rwlock_t* lock, clockid_t clock, \
                                 const timespec* until) noexcept {        \
    if (!Modelled(lock)) {                                                \
      return Real().pthread_rwlock_clock##mode(lock, clock, until);       \
    }                                                                     \
    Bridge bridge;                                                        \
    return Lock(RwLock(lock, RACELAB_PC), shared, Deadline(clock, until), \
                RACELAB_PC);                                              \
  }
RACELAB_TIMED(rdlock, true)
RACELAB_TIMED(wrlock, false)
#undef RACELAB_TIMED

int pthread_spin_init(pthread_spinlock_t* lock, int shared) noexcept {
  if (Modelled(const_cast<int*>(lock))) {
    Bridge bridge;
    Begin(lock, RACELAB_PC);
  }
  return Real().pthread_spin_init(lock, shared);
}
int pthread_spin_destroy(pthread_spinlock_t* lock) noexcept {
  if (!Modelled(const_cast<int*>(lock))) {
    return Real().pthread_spin_destroy(lock);
  }
  Bridge bridge;
  SyncObject* known = FindSync(reinterpret_cast<uintptr_t>(lock));
  if (known != nullptr) DestroySync(*known, RACELAB_PC);
  return 0;
}

#define RACELAB_SPIN(name, call)                               \
  int pthread_spin_##name(pthread_spinlock_t* lock) noexcept { \
    if (!Modelled(const_cast<int*>(lock))) {                   \
      return Real().pthread_spin_##name(lock);                 \
    }                                                          \
    Bridge bridge;                                             \
    return call;                                               \
  }
RACELAB_SPIN(lock, Lock(Spin(lock, RACELAB_PC), false, 0, RACELAB_PC))
RACELAB_SPIN(trylock, TryLock(Spin(lock, RACELAB_PC), false, RACELAB_PC))
RACELAB_SPIN(unlock, Unlock(Spin(lock, RACELAB_PC), RACELAB_PC))
#undef RACELAB_SPIN

}  // extern "C"
