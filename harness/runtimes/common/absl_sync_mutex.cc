#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "runtimes/common/absl_sync_state.h"

extern "C" void __tsan_read1(void* address);

namespace racelab::runtimes {
namespace {

// Its address tells threads apart.
thread_local char me;

AbslMutexState& State(absl::Mutex* mutex) {
  return StateOf<AbslMutexState>(mutex);
}

bool HeldExclusively(const AbslMutexState& state) {
  return state.writer.load(std::memory_order_relaxed) == &me;
}

void LockExclusively(AbslMutexState& state) {
  if (const int error = pthread_rwlock_wrlock(&state.lock); error != 0) {
    AbslMisuse("absl::Mutex::Lock: this thread holds the mutex already");
  }
  state.writer.store(&me, std::memory_order_relaxed);
}

void LockShared(AbslMutexState& state) {
  if (const int error = pthread_rwlock_rdlock(&state.lock); error != 0) {
    AbslMisuse("absl::Mutex::ReaderLock: this thread holds the mutex already");
  }
  state.readers.fetch_add(1, std::memory_order_relaxed);
}

// Those who wait for a condition look again.
void Announce(AbslMutexState& state) {
  pthread_mutex_lock(&state.inner);
  ++state.unlocks;
  pthread_cond_broadcast(&state.unlocked);
  pthread_mutex_unlock(&state.inner);
}

// Gives the lock back and nothing else. Last: the next holder may destroy it.
void Release(AbslMutexState& state, bool exclusive) {
  if (exclusive) {
    state.writer.store(nullptr, std::memory_order_relaxed);
  } else {
    state.readers.fetch_sub(1, std::memory_order_relaxed);
  }
  pthread_rwlock_unlock(&state.lock);
}

void Unlock(AbslMutexState& state, bool exclusive) {
  if (exclusive && !HeldExclusively(state)) {
    AbslMisuse("absl::Mutex::Unlock: this thread does not hold the mutex");
  }
  if (!exclusive && state.readers.load(std::memory_order_relaxed) == 0) {
    AbslMisuse("absl::Mutex::ReaderUnlock: nobody holds the mutex shared");
  }
  if (state.waiters.load(std::memory_order_relaxed) != 0) Announce(state);
  Release(state, exclusive);
}

void Relock(AbslMutexState& state, bool exclusive) {
  if (exclusive) {
    LockExclusively(state);
  } else {
    LockShared(state);
  }
}

// Returns what the condition was when the lock was last taken. `until` is a
// point of CLOCK_REALTIME; null: never.
bool AwaitUntil(AbslMutexState& state, const absl::Condition& condition,
                const timespec* until) {
  const bool exclusive = HeldExclusively(state);
  bool late = false;
  for (bool first = true; !condition.Eval(); first = false) {
    if (late) return false;
    pthread_mutex_lock(&state.inner);
    // What the caller did before it waits may be what others wait for. Whoever
    // has only looked again has changed nothing.
    if (first && state.waiters.load(std::memory_order_relaxed) != 0) {
      ++state.unlocks;
      pthread_cond_broadcast(&state.unlocked);
    }
    state.waiters.fetch_add(1, std::memory_order_relaxed);
    const uint64_t seen = state.unlocks;
    Release(state, exclusive);
    while (state.unlocks == seen && !late) {
      if (until == nullptr) {
        pthread_cond_wait(&state.unlocked, &state.inner);
      } else {
        late = pthread_cond_timedwait(&state.unlocked, &state.inner, until) ==
               ETIMEDOUT;
      }
    }
    state.waiters.fetch_sub(1, std::memory_order_relaxed);
    pthread_mutex_unlock(&state.inner);
    Relock(state, exclusive);
  }
  return true;
}

bool AwaitDeadline(AbslMutexState& state, const absl::Condition& condition,
                   absl::Time deadline) {
  if (deadline == absl::InfiniteFuture()) {
    return AwaitUntil(state, condition, nullptr);
  }
  const timespec until = absl::ToTimespec(deadline);
  return AwaitUntil(state, condition, &until);
}

bool ReadBool(void* flag) {
  __tsan_read1(flag);
  return *static_cast<const bool*>(flag);
}

}  // namespace

void AbslMisuse(const char* what) {
  if (racelab_misuse != nullptr) racelab_misuse(what);
  fprintf(stderr, "%s\n", what);
  abort();
}

// For absl_sync_condvar.cc.
bool AbslHeldExclusively(absl::Mutex* mutex) {
  return HeldExclusively(State(mutex));
}
void AbslUnlock(absl::Mutex* mutex, bool exclusive) {
  Unlock(State(mutex), exclusive);
}
void AbslRelock(absl::Mutex* mutex, bool exclusive) {
  Relock(State(mutex), exclusive);
}

// Now, on the clock that the engine gives the program, plus `timeout`.
absl::Time AbslDeadline(absl::Duration timeout) {
  if (timeout == absl::InfiniteDuration()) return absl::InfiniteFuture();
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return absl::TimeFromTimespec(now) + timeout;
}

}  // namespace racelab::runtimes

namespace absl {
ABSL_NAMESPACE_BEGIN

namespace rt = ::racelab::runtimes;

Mutex::~Mutex() {
  RACELAB_FRAME;
  if (auto* state = rt::TakeState<rt::AbslMutexState>(this)) {
    pthread_rwlock_destroy(&state->lock);
    pthread_mutex_destroy(&state->inner);
    pthread_cond_destroy(&state->unlocked);
    rt::DeleteState(state);
  }
  if (__tsan_mutex_destroy != nullptr) __tsan_mutex_destroy(this, 1 << 0);
}

void Mutex::Lock() {
  RACELAB_FRAME;
  rt::LockExclusively(rt::State(this));
}
void Mutex::Unlock() {
  RACELAB_FRAME;
  rt::Unlock(rt::State(this), true);
}
void Mutex::ReaderLock() {
  RACELAB_FRAME;
  rt::LockShared(rt::State(this));
}
void Mutex::ReaderUnlock() {
  RACELAB_FRAME;
  rt::Unlock(rt::State(this), false);
}

bool Mutex::TryLock() {
  RACELAB_FRAME;
  rt::AbslMutexState& state = rt::State(this);
  if (pthread_rwlock_trywrlock(&state.lock) != 0) return false;
  state.writer.store(&rt::me, std::memory_order_relaxed);
  return true;
}

bool Mutex::ReaderTryLock() {
  RACELAB_FRAME;
  rt::AbslMutexState& state = rt::State(this);
  if (pthread_rwlock_tryrdlock(&state.lock) != 0) return false;
  state.readers.fetch_add(1, std::memory_order_relaxed);
  return true;
}

void Mutex::AssertHeld() const {
  RACELAB_FRAME;
  if (!rt::HeldExclusively(rt::State(const_cast<Mutex*>(this)))) {
    rt::AbslMisuse("absl::Mutex::AssertHeld: this thread does not hold it");
  }
}

void Mutex::AssertReaderHeld() const {
  RACELAB_FRAME;
  const rt::AbslMutexState& state = rt::State(const_cast<Mutex*>(this));
  if (!rt::HeldExclusively(state) &&
      state.readers.load(std::memory_order_relaxed) == 0) {
    rt::AbslMisuse("absl::Mutex::AssertReaderHeld: nobody holds it");
  }
}

void Mutex::AssertNotHeld() const {}
void Mutex::EnableDebugLog(const char*) {}
void Mutex::EnableInvariantDebugging(void (*)(void*), void*) {}
void Mutex::ForgetDeadlockInfo() {}

void Mutex::Await(const Condition& condition) {
  RACELAB_FRAME;
  rt::AwaitUntil(rt::State(this), condition, nullptr);
}
bool Mutex::AwaitWithDeadline(const Condition& condition, Time deadline) {
  RACELAB_FRAME;
  return rt::AwaitDeadline(rt::State(this), condition, deadline);
}
bool Mutex::AwaitWithTimeout(const Condition& condition, Duration timeout) {
  RACELAB_FRAME;
  return rt::AwaitDeadline(rt::State(this), condition,
                           rt::AbslDeadline(timeout));
}

void Mutex::LockWhen(const Condition& condition) {
  RACELAB_FRAME;
  Lock();
  Await(condition);
}
bool Mutex::LockWhenWithDeadline(const Condition& condition, Time deadline) {
  RACELAB_FRAME;
  Lock();
  return AwaitWithDeadline(condition, deadline);
}
bool Mutex::LockWhenWithTimeout(const Condition& condition, Duration timeout) {
  RACELAB_FRAME;
  Lock();
  return AwaitWithTimeout(condition, timeout);
}
void Mutex::ReaderLockWhen(const Condition& condition) {
  RACELAB_FRAME;
  ReaderLock();
  Await(condition);
}
bool Mutex::ReaderLockWhenWithDeadline(const Condition& condition,
                                       Time deadline) {
  RACELAB_FRAME;
  ReaderLock();
  return AwaitWithDeadline(condition, deadline);
}
bool Mutex::ReaderLockWhenWithTimeout(const Condition& condition,
                                      Duration timeout) {
  RACELAB_FRAME;
  ReaderLock();
  return AwaitWithTimeout(condition, timeout);
}

void ReleasableMutexLock::Release() {
  RACELAB_FRAME;
  if (mu_ == nullptr) {
    rt::AbslMisuse("absl::ReleasableMutexLock::Release: released already");
  }
  mu_->Unlock();
  mu_ = nullptr;
}

// The library's own reads the flag where no engine sees it.
Condition::Condition(const bool* flag)
    : eval_(CallVoidPtrFunction),
      function_(&rt::ReadBool),
      method_(nullptr),
      arg_(const_cast<bool*>(flag)) {}

ABSL_NAMESPACE_END
}  // namespace absl
