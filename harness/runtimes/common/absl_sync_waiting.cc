// CondVar, Notification, BlockingCounter and Barrier: absl_sync_state.h.

#include <errno.h>
#include <pthread.h>

#include "absl/synchronization/barrier.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "runtimes/common/absl_sync_state.h"

// What a compiler would emit for these atomics if this file were instrumented.
extern "C" {
unsigned char __tsan_atomic8_load(const volatile unsigned char*, int order);
void __tsan_atomic8_store(volatile unsigned char*, unsigned char, int order);
unsigned __tsan_atomic32_fetch_sub(volatile unsigned*, unsigned, int order);
}

namespace racelab::runtimes {

bool AbslHeldExclusively(absl::Mutex* mutex);
void AbslUnlock(absl::Mutex* mutex, bool exclusive);
void AbslRelock(absl::Mutex* mutex, bool exclusive);
absl::Time AbslDeadline(absl::Duration timeout);

namespace {

bool IsNotified(std::atomic<bool>* flag) {
  return __tsan_atomic8_load(reinterpret_cast<unsigned char*>(flag),
                             __ATOMIC_ACQUIRE) != 0;
}
bool IsZero(int* number) { return *number == 0; }
bool IsTrue(bool* flag) { return *flag; }

// True if the deadline has passed.
bool Wait(absl::CondVar* condvar, absl::Mutex* mutex, absl::Time deadline) {
  auto& state = StateOf<AbslCondVarState>(condvar);
  const bool exclusive = AbslHeldExclusively(mutex);
  pthread_mutex_lock(&state.inner);
  AbslUnlock(mutex, exclusive);
  int error = 0;
  if (deadline == absl::InfiniteFuture()) {
    pthread_cond_wait(&state.signalled, &state.inner);
  } else {
    const timespec until = absl::ToTimespec(deadline);
    error = pthread_cond_timedwait(&state.signalled, &state.inner, &until);
  }
  pthread_mutex_unlock(&state.inner);
  AbslRelock(mutex, exclusive);
  return error == ETIMEDOUT;
}

}  // namespace
}  // namespace racelab::runtimes

namespace absl {
ABSL_NAMESPACE_BEGIN

namespace rt = ::racelab::runtimes;

CondVar::~CondVar() {
  RACELAB_FRAME;
  if (auto* state = rt::TakeState<rt::AbslCondVarState>(this)) {
    pthread_mutex_destroy(&state->inner);
    pthread_cond_destroy(&state->signalled);
    rt::DeleteState(state);
  }
}

void CondVar::Wait(Mutex* mutex) {
  RACELAB_FRAME;
  rt::Wait(this, mutex, InfiniteFuture());
}
bool CondVar::WaitWithTimeout(Mutex* mutex, Duration timeout) {
  RACELAB_FRAME;
  return rt::Wait(this, mutex, rt::AbslDeadline(timeout));
}
bool CondVar::WaitWithDeadline(Mutex* mutex, Time deadline) {
  RACELAB_FRAME;
  return rt::Wait(this, mutex, deadline);
}

// Under `inner`, so that the wake-up of a thread that has just unlocked is not
// lost before it waits.
void CondVar::Signal() {
  RACELAB_FRAME;
  auto& state = rt::StateOf<rt::AbslCondVarState>(this);
  pthread_mutex_lock(&state.inner);
  pthread_cond_signal(&state.signalled);
  pthread_mutex_unlock(&state.inner);
}
void CondVar::SignalAll() {
  RACELAB_FRAME;
  auto& state = rt::StateOf<rt::AbslCondVarState>(this);
  pthread_mutex_lock(&state.inner);
  pthread_cond_broadcast(&state.signalled);
  pthread_mutex_unlock(&state.inner);
}
void CondVar::EnableDebugLog(const char*) {}

Notification::~Notification() {
  RACELAB_FRAME;
  // Notify() may still be on its way out.
  MutexLock lock(&mutex_);
}

void Notification::Notify() {
  RACELAB_FRAME;
  MutexLock lock(&mutex_);
  if (rt::IsNotified(&notified_yet_)) {
    rt::AbslMisuse("absl::Notification::Notify: notified already");
  }
  // Publishes what the notifier did to HasBeenNotified(), which takes no lock.
  __tsan_atomic8_store(reinterpret_cast<unsigned char*>(&notified_yet_), 1,
                       __ATOMIC_RELEASE);
}

void Notification::WaitForNotification() const {
  RACELAB_FRAME;
  if (rt::IsNotified(const_cast<std::atomic<bool>*>(&notified_yet_))) return;
  mutex_.LockWhen(Condition(&rt::IsNotified,
                            const_cast<std::atomic<bool>*>(&notified_yet_)));
  mutex_.Unlock();
}
bool Notification::WaitForNotificationWithDeadline(Time deadline) const {
  RACELAB_FRAME;
  auto* flag = const_cast<std::atomic<bool>*>(&notified_yet_);
  if (rt::IsNotified(flag)) return true;
  const bool notified =
      mutex_.LockWhenWithDeadline(Condition(&rt::IsNotified, flag), deadline);
  mutex_.Unlock();
  return notified;
}
bool Notification::WaitForNotificationWithTimeout(Duration timeout) const {
  RACELAB_FRAME;
  return WaitForNotificationWithDeadline(rt::AbslDeadline(timeout));
}

BlockingCounter::BlockingCounter(int initial_count)
    : count_(initial_count), num_waiting_(0), done_(initial_count == 0) {
  RACELAB_FRAME;
  if (initial_count < 0) {
    rt::AbslMisuse("absl::BlockingCounter: the count is negative");
  }
}

bool BlockingCounter::DecrementCount() {
  RACELAB_FRAME;
  // Acquire and release: publishes what every decrementer did to the last one,
  // and by the lock to who waits.
  const int left =
      static_cast<int>(__tsan_atomic32_fetch_sub(
          reinterpret_cast<unsigned*>(&count_), 1, __ATOMIC_ACQ_REL)) -
      1;
  if (left < 0) {
    rt::AbslMisuse("absl::BlockingCounter::DecrementCount: called too often");
  }
  if (left != 0) return false;
  MutexLock lock(&lock_);
  done_ = true;
  return true;
}

void BlockingCounter::Wait() {
  RACELAB_FRAME;
  MutexLock lock(&lock_);
  if (++num_waiting_ != 1) {
    rt::AbslMisuse("absl::BlockingCounter::Wait: called twice");
  }
  lock_.Await(Condition(&rt::IsTrue, &done_));
}

bool Barrier::Block() {
  RACELAB_FRAME;
  MutexLock lock(&lock_);
  if (--num_to_block_ < 0) {
    rt::AbslMisuse("absl::Barrier::Block: more threads than it was made for");
  }
  lock_.Await(Condition(&rt::IsZero, &num_to_block_));
  return --num_to_exit_ == 0;
}

ABSL_NAMESPACE_END
}  // namespace absl
