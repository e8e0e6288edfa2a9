// The wrappers that threads.h tells of. Compiled twice: in front of libc, and
// in front of libtsan (RACELAB_THREADS_TSAN).

#include "runtimes/common/threads_interpose.h"

#include <dlfcn.h>
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>

#include "runtimes/common/raw_syscall.h"

// REAL(f): the function that the wrapper of the same name stands before.
#ifdef RACELAB_THREADS_TSAN
#define DECLARE_REAL(ret, name, ...) \
  extern "C" ret __interceptor_##name(__VA_ARGS__);
#define REAL(name) __interceptor_##name
#else
#define DECLARE_REAL(ret, name, ...)                               \
  namespace {                                                      \
  using Real_##name = ret (*)(__VA_ARGS__);                        \
  Real_##name FindReal_##name() {                                  \
    static const Real_##name real = reinterpret_cast<Real_##name>( \
        ::racelab::runtimes::FindLibcFunction(#name));             \
    return real;                                                   \
  }                                                                \
  }
#define REAL(name) FindReal_##name()
namespace racelab::runtimes {
// pthread_cond_* exist in two versions; the old one must not be found.
static void* FindLibcFunction(const char* name) {
  if (void* found = dlvsym(RTLD_NEXT, name, "GLIBC_2.3.2")) return found;
  return dlsym(RTLD_NEXT, name);
}
}  // namespace racelab::runtimes
#endif

DECLARE_REAL(int, pthread_create, pthread_t*, const pthread_attr_t*,
             void* (*)(void*), void*)
DECLARE_REAL(int, pthread_join, pthread_t, void**)
DECLARE_REAL(int, pthread_detach, pthread_t)
DECLARE_REAL(int, pthread_mutex_lock, pthread_mutex_t*)
DECLARE_REAL(int, pthread_mutex_trylock, pthread_mutex_t*)
DECLARE_REAL(int, pthread_mutex_unlock, pthread_mutex_t*)
DECLARE_REAL(int, pthread_mutex_timedlock, pthread_mutex_t*,
             const struct timespec*)
DECLARE_REAL(int, pthread_mutex_clocklock, pthread_mutex_t*, clockid_t,
             const struct timespec*)
DECLARE_REAL(int, pthread_cond_wait, pthread_cond_t*, pthread_mutex_t*)
DECLARE_REAL(int, pthread_cond_timedwait, pthread_cond_t*, pthread_mutex_t*,
             const struct timespec*)
DECLARE_REAL(int, pthread_cond_clockwait, pthread_cond_t*, pthread_mutex_t*,
             clockid_t, const struct timespec*)
DECLARE_REAL(int, pthread_cond_signal, pthread_cond_t*)
DECLARE_REAL(int, pthread_cond_broadcast, pthread_cond_t*)
DECLARE_REAL(int, pthread_rwlock_rdlock, pthread_rwlock_t*)
DECLARE_REAL(int, pthread_rwlock_wrlock, pthread_rwlock_t*)
DECLARE_REAL(int, pthread_rwlock_tryrdlock, pthread_rwlock_t*)
DECLARE_REAL(int, pthread_rwlock_trywrlock, pthread_rwlock_t*)
DECLARE_REAL(int, pthread_rwlock_timedrdlock, pthread_rwlock_t*,
             const struct timespec*)
DECLARE_REAL(int, pthread_rwlock_timedwrlock, pthread_rwlock_t*,
             const struct timespec*)
DECLARE_REAL(int, pthread_barrier_wait, pthread_barrier_t*)
DECLARE_REAL(int, sem_wait, sem_t*)
DECLARE_REAL(int, sem_trywait, sem_t*)
DECLARE_REAL(int, sem_timedwait, sem_t*, const struct timespec*)
DECLARE_REAL(int, sem_post, sem_t*)
DECLARE_REAL(int, nanosleep, const struct timespec*, struct timespec*)
DECLARE_REAL(int, usleep, useconds_t)

#ifndef RACELAB_THREADS_TSAN
DECLARE_REAL(int, pthread_rwlock_clockrdlock, pthread_rwlock_t*, clockid_t,
             const struct timespec*)
DECLARE_REAL(int, pthread_rwlock_clockwrlock, pthread_rwlock_t*, clockid_t,
             const struct timespec*)
DECLARE_REAL(int, sem_clockwait, sem_t*, clockid_t, const struct timespec*)
#endif

namespace racelab::runtimes {
namespace {

#ifdef RACELAB_THREADS_TSAN
// A point of `clock` as one of CLOCK_REALTIME.
timespec OnRealtime(clockid_t clock, timespec until) {
  if (clock == CLOCK_REALTIME) return until;
  timespec then, now;
  clock_gettime(clock, &then);
  clock_gettime(CLOCK_REALTIME, &now);
  int64_t ns = (until.tv_sec - then.tv_sec + now.tv_sec) * int64_t{1000000000} +
               until.tv_nsec - then.tv_nsec + now.tv_nsec;
  ns = std::max<int64_t>(ns, 0);
  return {ns / 1000000000, ns % 1000000000};
}
#endif

}  // namespace
}  // namespace racelab::runtimes

using racelab::runtimes::WaitKind;
namespace rt = racelab::runtimes;

// The wrappers. Each leaves errno and the result as the real function does.
extern "C" {

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes,
                   void* (*routine)(void*), void* argument) {
  int state = PTHREAD_CREATE_JOINABLE;
  if (attributes != nullptr) pthread_attr_getdetachstate(attributes, &state);
  rt::ThreadSlot* slot =
      rt::NewThread(routine, argument, state == PTHREAD_CREATE_DETACHED);
  if (slot == nullptr) {
    return REAL(pthread_create)(thread, attributes, routine, argument);
  }
  const int error =
      REAL(pthread_create)(thread, attributes, rt::RunThread, slot);
  if (error == 0) {
    rt::ThreadCreated(*slot, *thread);
  } else {
    rt::ThreadNotCreated(*slot);
  }
  return error;
}

int pthread_join(pthread_t thread, void** result) {
  rt::ThreadSlot* slot = rt::FindThread(thread);
  int error;
  {
    rt::Waiting waiting(WaitKind::kJoin, slot, false);
    error = REAL(pthread_join)(thread, result);
  }
  if (error == 0 && slot != nullptr)
    slot->joined.store(true, std::memory_order_relaxed);
  return error;
}

int pthread_detach(pthread_t thread) {
  rt::ThreadSlot* slot = rt::FindThread(thread);
  if (slot != nullptr) slot->detached.store(true, std::memory_order_relaxed);
  return REAL(pthread_detach)(thread);
}

int pthread_mutex_lock(pthread_mutex_t* mutex) {
  rt::Disturb();
  const int tried = REAL(pthread_mutex_trylock)(mutex);
  if (tried != EBUSY && tried != EAGAIN) return tried;
  rt::Waiting waiting(WaitKind::kMutex, mutex, false);
  return REAL(pthread_mutex_lock)(mutex);
}

int pthread_mutex_trylock(pthread_mutex_t* mutex) {
  rt::Disturb();
  return REAL(pthread_mutex_trylock)(mutex);
}

int pthread_mutex_unlock(pthread_mutex_t* mutex) {
  const int error = REAL(pthread_mutex_unlock)(mutex);
  rt::Disturb();
  return error;
}

int pthread_mutex_timedlock(pthread_mutex_t* mutex,
                            const struct timespec* until) {
  rt::Waiting waiting(WaitKind::kMutex, mutex, true);
  return REAL(pthread_mutex_timedlock)(mutex, until);
}

int pthread_mutex_clocklock(pthread_mutex_t* mutex, clockid_t clock,
                            const struct timespec* until) {
  rt::Waiting waiting(WaitKind::kMutex, mutex, true);
  return REAL(pthread_mutex_clocklock)(mutex, clock, until);
}

int pthread_cond_wait(pthread_cond_t* condition, pthread_mutex_t* mutex) {
  rt::Waiting waiting(WaitKind::kCondition, condition, false);
  return REAL(pthread_cond_wait)(condition, mutex);
}

int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex,
                           const struct timespec* until) {
  rt::Waiting waiting(WaitKind::kCondition, condition, true);
  return REAL(pthread_cond_timedwait)(condition, mutex, until);
}

int pthread_cond_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex,
                           clockid_t clock, const struct timespec* until) {
  rt::Waiting waiting(WaitKind::kCondition, condition, true);
  return REAL(pthread_cond_clockwait)(condition, mutex, clock, until);
}

int pthread_cond_signal(pthread_cond_t* condition) {
  rt::Disturb();
  return REAL(pthread_cond_signal)(condition);
}

int pthread_cond_broadcast(pthread_cond_t* condition) {
  rt::Disturb();
  return REAL(pthread_cond_broadcast)(condition);
}

int pthread_rwlock_rdlock(pthread_rwlock_t* lock) {
  rt::Disturb();
  const int tried = REAL(pthread_rwlock_tryrdlock)(lock);
  if (tried != EBUSY) return tried;
  rt::Waiting waiting(WaitKind::kRwLock, lock, false);
  return REAL(pthread_rwlock_rdlock)(lock);
}

int pthread_rwlock_wrlock(pthread_rwlock_t* lock) {
  rt::Disturb();
  const int tried = REAL(pthread_rwlock_trywrlock)(lock);
  if (tried != EBUSY) return tried;
  rt::Waiting waiting(WaitKind::kRwLock, lock, false);
  return REAL(pthread_rwlock_wrlock)(lock);
}

int pthread_rwlock_timedrdlock(pthread_rwlock_t* lock,
                               const struct timespec* until) {
  rt::Waiting waiting(WaitKind::kRwLock, lock, true);
  return REAL(pthread_rwlock_timedrdlock)(lock, until);
}

int pthread_rwlock_timedwrlock(pthread_rwlock_t* lock,
                               const struct timespec* until) {
  rt::Waiting waiting(WaitKind::kRwLock, lock, true);
  return REAL(pthread_rwlock_timedwrlock)(lock, until);
}

// libtsan has no interceptors for these three: they become their siblings with
// a deadline on the real-time clock.
int pthread_rwlock_clockrdlock(pthread_rwlock_t* lock, clockid_t clock,
                               const struct timespec* until) {
  rt::Waiting waiting(WaitKind::kRwLock, lock, true);
#ifdef RACELAB_THREADS_TSAN
  const struct timespec real = rt::OnRealtime(clock, *until);
  return REAL(pthread_rwlock_timedrdlock)(lock, &real);
#else
  return REAL(pthread_rwlock_clockrdlock)(lock, clock, until);
#endif
}

int pthread_rwlock_clockwrlock(pthread_rwlock_t* lock, clockid_t clock,
                               const struct timespec* until) {
  rt::Waiting waiting(WaitKind::kRwLock, lock, true);
#ifdef RACELAB_THREADS_TSAN
  const struct timespec real = rt::OnRealtime(clock, *until);
  return REAL(pthread_rwlock_timedwrlock)(lock, &real);
#else
  return REAL(pthread_rwlock_clockwrlock)(lock, clock, until);
#endif
}

int sem_clockwait(sem_t* semaphore, clockid_t clock,
                  const struct timespec* until) {
  rt::Waiting waiting(WaitKind::kSemaphore, semaphore, true);
#ifdef RACELAB_THREADS_TSAN
  const struct timespec real = rt::OnRealtime(clock, *until);
  return REAL(sem_timedwait)(semaphore, &real);
#else
  return REAL(sem_clockwait)(semaphore, clock, until);
#endif
}

int pthread_barrier_wait(pthread_barrier_t* barrier) {
  rt::Disturb();
  rt::Waiting waiting(WaitKind::kBarrier, barrier, false);
  return REAL(pthread_barrier_wait)(barrier);
}

int sem_wait(sem_t* semaphore) {
  rt::Disturb();
  const int saved_errno = errno;
  if (REAL(sem_trywait)(semaphore) == 0) return 0;
  errno = saved_errno;
  rt::Waiting waiting(WaitKind::kSemaphore, semaphore, false);
  return REAL(sem_wait)(semaphore);
}

int sem_timedwait(sem_t* semaphore, const struct timespec* until) {
  rt::Waiting waiting(WaitKind::kSemaphore, semaphore, true);
  return REAL(sem_timedwait)(semaphore, until);
}

int sem_post(sem_t* semaphore) {
  rt::Disturb();
  return REAL(sem_post)(semaphore);
}

int nanosleep(const struct timespec* length, struct timespec* left) {
  rt::Waiting waiting(WaitKind::kSleep, nullptr, true);
  return REAL(nanosleep)(length, left);
}

int usleep(useconds_t us) {
  rt::Waiting waiting(WaitKind::kSleep, nullptr, true);
  return REAL(usleep)(us);
}

// libstdc++'s atomic waits and static guards, and Abseil, call the futex so.
long syscall(long number, ...) {
  va_list arguments;
  va_start(arguments, number);
  long a[6];
  for (long& argument : a) argument = va_arg(arguments, long);
  va_end(arguments);
  long result;
  const int command = static_cast<int>(a[1]) & FUTEX_CMD_MASK;
  if (number == SYS_futex &&
      (command == FUTEX_WAIT || command == FUTEX_WAIT_BITSET)) {
    rt::Waiting waiting(WaitKind::kFutex, reinterpret_cast<void*>(a[0]),
                        a[3] != 0);
    result = rt::RawSyscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
  } else {
    result = rt::RawSyscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
  }
  if (result < 0 && result >= -4095) {
    errno = static_cast<int>(-result);
    return -1;
  }
  return result;
}

}  // extern "C"
