// The locks of <pthread.h>: kinds of mutexes, robust ones, spin locks, locks
// that readers share; right and wrong.

#include <errno.h>
#include <pthread.h>

#include "labkit/labkit.h"

namespace {

int value = 0;
pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
pthread_rwlock_t shared = PTHREAD_RWLOCK_INITIALIZER;
pthread_spinlock_t spin;

pthread_t Start(void* (*routine)(void*)) {
  pthread_t thread;
  pthread_create(&thread, nullptr, routine, nullptr);
  return thread;
}

void MakeMutex(pthread_mutex_t* made, int type, int robust) {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_settype(&attributes, type);
  pthread_mutexattr_setrobust(&attributes, robust);
  pthread_mutex_init(made, &attributes);
  pthread_mutexattr_destroy(&attributes);
}

}  // namespace

// Kinds of mutexes.

CONCURRENT_TEST(Right, RecursiveIsUnlockedAsOften) {
  MakeMutex(&mutex, PTHREAD_MUTEX_RECURSIVE, PTHREAD_MUTEX_STALLED);
  auto add = [] {
    pthread_mutex_lock(&mutex);
    pthread_mutex_lock(&mutex);
    ++value;
    pthread_mutex_unlock(&mutex);
    ++value;
    pthread_mutex_unlock(&mutex);
  };
  labkit::RunTogether(add, add);
  EXPECT_EQ(value, 4);
}
CONCURRENT_TEST(Wrong, RecursiveIsUnlockedOnceTooFew) {
  MakeMutex(&mutex, PTHREAD_MUTEX_RECURSIVE, PTHREAD_MUTEX_STALLED);
  auto add = [] {
    pthread_mutex_lock(&mutex);
    pthread_mutex_lock(&mutex);
    ++value;
    pthread_mutex_unlock(&mutex);
  };
  labkit::RunTogether(add, add);
}
CONCURRENT_TEST(Right, ErrorCheckIsHeeded) {
  MakeMutex(&mutex, PTHREAD_MUTEX_ERRORCHECK, PTHREAD_MUTEX_STALLED);
  auto add = [] {
    pthread_mutex_lock(&mutex);
    const bool nested = pthread_mutex_lock(&mutex) == EDEADLK;
    if (!nested) pthread_mutex_unlock(&mutex);
    ++value;
    pthread_mutex_unlock(&mutex);
  };
  labkit::RunTogether(add, add);
  EXPECT_EQ(value, 2);
}
CONCURRENT_TEST(Wrong, ErrorCheckIsIgnored) {
  MakeMutex(&mutex, PTHREAD_MUTEX_ERRORCHECK, PTHREAD_MUTEX_STALLED);
  auto add = [] {
    pthread_mutex_lock(&mutex);
    pthread_mutex_lock(&mutex);
    pthread_mutex_unlock(&mutex);
    ++value;
    pthread_mutex_unlock(&mutex);
  };
  labkit::RunTogether(add, add);
}

// Robust mutexes: the owner dies between two writes that belong together.

namespace {

int left = 0;
int right = 0;

void* DieHalfWay(void*) {
  pthread_mutex_lock(&mutex);
  ++left;
  return nullptr;
}

}  // namespace

CONCURRENT_TEST(Right, RobustIsRepaired) {
  MakeMutex(&mutex, PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_ROBUST);
  const pthread_t dies = Start(&DieHalfWay);
  auto use = [] {
    if (pthread_mutex_lock(&mutex) == EOWNERDEAD) {
      REACHED("died");
      right = left;
      EXPECT_EQ(pthread_mutex_consistent(&mutex), 0);
    }
    EXPECT_EQ(left, right);
    EXPECT_EQ(pthread_mutex_unlock(&mutex), 0);
  };
  labkit::RunTogether(use, use);
  pthread_join(dies, nullptr);
  EXPECT_REACHABLE("died");
}
CONCURRENT_TEST(Wrong, RobustsStateIsNotRepaired) {
  MakeMutex(&mutex, PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_ROBUST);
  const pthread_t dies = Start(&DieHalfWay);
  if (pthread_mutex_lock(&mutex) == EOWNERDEAD) {
    pthread_mutex_consistent(&mutex);
  }
  EXPECT_EQ(left, right);
  pthread_mutex_unlock(&mutex);
  pthread_join(dies, nullptr);
}
CONCURRENT_TEST(Wrong, RobustIsNotMadeConsistent) {
  MakeMutex(&mutex, PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_ROBUST);
  const pthread_t dies = Start(&DieHalfWay);
  auto use = [] {
    const int result = pthread_mutex_lock(&mutex);
    EXPECT_TRUE(result == 0 || result == EOWNERDEAD)
        << (result == ENOTRECOVERABLE);
    if (result == EOWNERDEAD) right = left;
    pthread_mutex_unlock(&mutex);
  };
  labkit::RunTogether(use, use);
  pthread_join(dies, nullptr);
}
CONCURRENT_TEST(Wrong, RobustsErrorIsTakenForTheLock) {
  MakeMutex(&mutex, PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_ROBUST);
  pthread_join(Start(&DieHalfWay), nullptr);
  pthread_mutex_lock(&mutex);
  pthread_mutex_unlock(&mutex);  // and so it is lost for ever
  auto use = [] {
    pthread_mutex_lock(&mutex);
    ++value;
    pthread_mutex_unlock(&mutex);
  };
  labkit::RunTogether(use, use);
}
CONCURRENT_TEST(Wrong, MutexOfTheDeadIsNotRobust) {
  MakeMutex(&mutex, PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_STALLED);
  pthread_join(Start(&DieHalfWay), nullptr);
  pthread_mutex_lock(&mutex);
  pthread_mutex_unlock(&mutex);
}

// Spin locks.

CONCURRENT_TEST(Right, SpinTryLock) {
  pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE);
  auto add = [] {
    if (pthread_spin_trylock(&spin) != 0) return;
    ++value;
    pthread_spin_unlock(&spin);
  };
  labkit::RunTogether(add, add);
  EXPECT_GE(value, 1);
  pthread_spin_destroy(&spin);
}
CONCURRENT_TEST(Wrong, SpinTryLockIsTakenToSucceed) {
  pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE);
  auto add = [] {
    const bool locked = pthread_spin_trylock(&spin) == 0;
    ++value;
    if (locked) pthread_spin_unlock(&spin);
  };
  labkit::RunTogether(add, add);
}
CONCURRENT_TEST(Wrong, SpinIsForgotten) {
  pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE);
  labkit::RunTogether(
      [] {
        pthread_spin_lock(&spin);
        ++value;
        pthread_spin_unlock(&spin);
      },
      [] { ++value; });
}
CONCURRENT_TEST(Wrong, SpinIsUnlockedByAnother) {
  pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE);
  pthread_spin_lock(&spin);
  labkit::RunTogether([] { pthread_spin_unlock(&spin); });
}
CONCURRENT_TEST(Wrong, SpinIsUnlockedTwice) {
  pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE);
  pthread_spin_lock(&spin);
  pthread_spin_unlock(&spin);
  pthread_spin_unlock(&spin);
}
CONCURRENT_TEST(Wrong, SpinIsRelocked) {
  pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE);
  pthread_spin_lock(&spin);
  pthread_spin_lock(&spin);
}
CONCURRENT_TEST(Wrong, SpinIsDestroyedLocked) {
  pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE);
  pthread_spin_lock(&spin);
  pthread_spin_destroy(&spin);
}
CONCURRENT_TEST(Wrong, SpinIsMadeAnewWhileLocked) {
  pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE);
  pthread_spin_lock(&spin);
  pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE);
}

// Locks that readers share.

CONCURRENT_TEST(Right, ReaderReadsTwice) {
  labkit::RunTogether(
      [] {
        pthread_rwlock_rdlock(&shared);
        pthread_rwlock_rdlock(&shared);
        EXPECT_GE(value, 0);
        pthread_rwlock_unlock(&shared);
        pthread_rwlock_unlock(&shared);
      },
      [] {
        if (pthread_rwlock_trywrlock(&shared) != 0) return;
        ++value;
        pthread_rwlock_unlock(&shared);
      });
  pthread_rwlock_destroy(&shared);
}
CONCURRENT_TEST(Wrong, RwlockIsUnlockedByAnother) {
  pthread_rwlock_rdlock(&shared);
  labkit::RunTogether([] { pthread_rwlock_unlock(&shared); });
}
CONCURRENT_TEST(Wrong, RwlockIsUnlockedOnceTooOften) {
  pthread_rwlock_rdlock(&shared);
  pthread_rwlock_unlock(&shared);
  pthread_rwlock_unlock(&shared);
}
CONCURRENT_TEST(Wrong, ReaderBecomesWriter) {
  auto upgrade = [] {
    pthread_rwlock_rdlock(&shared);
    pthread_rwlock_wrlock(&shared);
    pthread_rwlock_unlock(&shared);
    pthread_rwlock_unlock(&shared);
  };
  labkit::RunTogether(upgrade, upgrade);
}
CONCURRENT_TEST(Wrong, WriterBecomesReader) {
  pthread_rwlock_wrlock(&shared);
  pthread_rwlock_rdlock(&shared);
}
CONCURRENT_TEST(Wrong, RwlockIsDestroyedLocked) {
  pthread_rwlock_rdlock(&shared);
  pthread_rwlock_destroy(&shared);
}
