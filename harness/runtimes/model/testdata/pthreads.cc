// Threads and waits that are only in <pthread.h> and <semaphore.h>, right and
// wrong.

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>

#include <atomic>
#include <cstdlib>

#include "labkit/labkit.h"

namespace {

int value = 0;
pthread_key_t key;
pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
pthread_mutex_t other_mutex = PTHREAD_MUTEX_INITIALIZER;
pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
pthread_barrier_t barrier;
pthread_once_t once = PTHREAD_ONCE_INIT;
pthread_once_t once_more = PTHREAD_ONCE_INIT;
sem_t semaphore;
bool ready = false;

void* Nothing(void* argument) { return argument; }

pthread_t Start(void* (*routine)(void*)) {
  pthread_t thread;
  pthread_create(&thread, nullptr, routine, nullptr);
  return thread;
}

}  // namespace

// Keys.

CONCURRENT_TEST(Right, KeysDestructorFrees) {
  pthread_key_create(&key, &free);
  auto use = [] { pthread_setspecific(key, malloc(8)); };
  labkit::RunTogether(use, use);
}
CONCURRENT_TEST(Wrong, KeyHasNoDestructor) {
  pthread_key_create(&key, nullptr);
  auto use = [] { pthread_setspecific(key, malloc(8)); };
  labkit::RunTogether(use, use);
}

CONCURRENT_TEST(Right, KeysDestructorsLock) {
  pthread_key_create(&key, [](void*) {
    pthread_mutex_lock(&mutex);
    ++value;
    pthread_mutex_unlock(&mutex);
  });
  auto use = [] { pthread_setspecific(key, &value); };
  labkit::RunTogether(use, use);
  EXPECT_EQ(value, 2);
}
CONCURRENT_TEST(Wrong, KeysDestructorsShareACount) {
  pthread_key_create(&key, [](void*) { ++value; });
  auto use = [] { pthread_setspecific(key, &value); };
  labkit::RunTogether(use, use);
}

// Detached threads, and those that are to be joined.

CONCURRENT_TEST(Right, DetachedPosts) {
  sem_init(&semaphore, 0, 0);
  pthread_detach(Start([](void*) -> void* {
    value = 7;
    sem_post(&semaphore);
    return nullptr;
  }));
  sem_wait(&semaphore);
  EXPECT_EQ(value, 7);
}
CONCURRENT_TEST(Wrong, DetachedIsNotAwaited) {
  pthread_detach(Start([](void*) -> void* {
    value = 7;
    return nullptr;
  }));
  value = 1;
}

CONCURRENT_TEST(Right, DetachesItself) {
  Start([](void*) -> void* {
    pthread_detach(pthread_self());
    return nullptr;
  });
  // It need not have done so before the others end.
  sem_init(&semaphore, 0, 0);
  Start([](void*) -> void* {
    pthread_detach(pthread_self());
    sem_post(&semaphore);
    return nullptr;
  });
  sem_wait(&semaphore);
}
CONCURRENT_TEST(Right, CreatedDetached) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_t thread;
  pthread_create(&thread, &attributes, &Nothing, nullptr);
  pthread_attr_destroy(&attributes);
}
CONCURRENT_TEST(Wrong, CreatedDetachedAndJoined) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_t thread;
  pthread_create(&thread, &attributes, &Nothing, nullptr);
  pthread_attr_destroy(&attributes);
  pthread_join(thread, nullptr);
}
CONCURRENT_TEST(Wrong, JoinsWhatItDetached) {
  const pthread_t thread = Start(&Nothing);
  pthread_detach(thread);
  pthread_join(thread, nullptr);
}
CONCURRENT_TEST(Wrong, JoinsTwice) {
  const pthread_t thread = Start(&Nothing);
  pthread_join(thread, nullptr);
  pthread_join(thread, nullptr);
}
CONCURRENT_TEST(Wrong, TwoJoinOne) {
  static pthread_t thread = Start(&Nothing);
  auto join = [] { pthread_join(thread, nullptr); };
  labkit::RunTogether(join, join);
}
std::atomic<int> joiners{0};
CONCURRENT_TEST(Wrong, TwoJoinOneThatStillRuns) {
  static pthread_t thread = Start([](void*) -> void* {
    while (joiners.load() < 2) sched_yield();
    return nullptr;
  });
  auto join = [] {
    ++joiners;
    pthread_join(thread, nullptr);
  };
  labkit::RunTogether(join, join);
}
CONCURRENT_TEST(Wrong, DetachesTwice) {
  const pthread_t thread = Start(&Nothing);
  pthread_detach(thread);
  pthread_detach(thread);
}
CONCURRENT_TEST(Wrong, DetachesWhatAnotherJoins) {
  static pthread_t thread = Start(&Nothing);
  labkit::RunTogether([] { pthread_join(thread, nullptr); },
                      [] { pthread_detach(thread); });
}

// A thread's result.

CONCURRENT_TEST(Right, ExitHandsOverAGlobal) {
  void* result = nullptr;
  pthread_join(Start([](void*) -> void* {
                 value = 7;
                 pthread_exit(&value);
               }),
               &result);
  EXPECT_EQ(*static_cast<int*>(result), 7);
}
CONCURRENT_TEST(Wrong, ExitHandsOverALocal) {
  void* result = nullptr;
  pthread_join(Start([](void*) -> void* {
                 volatile int local = 7;
                 pthread_exit(const_cast<int*>(&local));
               }),
               &result);
  EXPECT_EQ(*static_cast<int*>(result), 7);
}

// Condition variables.

CONCURRENT_TEST(Right, BroadcastWakesBoth) {
  auto wait = [] {
    pthread_mutex_lock(&mutex);
    while (!ready) pthread_cond_wait(&condition, &mutex);
    pthread_mutex_unlock(&mutex);
  };
  labkit::RunTogether(wait, wait, [] {
    pthread_mutex_lock(&mutex);
    ready = true;
    pthread_cond_broadcast(&condition);
    pthread_mutex_unlock(&mutex);
  });
  pthread_cond_destroy(&condition);
}
CONCURRENT_TEST(Wrong, SignalWakesOneOfTwo) {
  auto wait = [] {
    pthread_mutex_lock(&mutex);
    while (!ready) pthread_cond_wait(&condition, &mutex);
    pthread_mutex_unlock(&mutex);
  };
  labkit::RunTogether(wait, wait, [] {
    pthread_mutex_lock(&mutex);
    ready = true;
    pthread_cond_signal(&condition);
    pthread_mutex_unlock(&mutex);
  });
}
CONCURRENT_TEST(Wrong, ConditionIsDestroyedWhileAwaited) {
  labkit::RunTogether(
      [] {
        pthread_mutex_lock(&mutex);
        while (!ready) pthread_cond_wait(&condition, &mutex);
        pthread_mutex_unlock(&mutex);
      },
      [] {
        pthread_mutex_lock(&mutex);
        ready = true;
        pthread_mutex_unlock(&mutex);
        pthread_cond_destroy(&condition);
      });
}
CONCURRENT_TEST(Wrong, TwoMutexesForOneCondition) {
  labkit::RunTogether(
      [] {
        pthread_mutex_lock(&mutex);
        pthread_cond_wait(&condition, &mutex);
        pthread_mutex_unlock(&mutex);
      },
      [] {
        pthread_mutex_lock(&other_mutex);
        pthread_cond_wait(&condition, &other_mutex);
        pthread_mutex_unlock(&other_mutex);
      });
}

// Barriers (the right one: waiting.cc).

CONCURRENT_TEST(Wrong, BarrierIsOneTooMany) {
  pthread_barrier_init(&barrier, nullptr, 3);
  auto arrive = [] { pthread_barrier_wait(&barrier); };
  labkit::RunTogether(arrive, arrive);
}
CONCURRENT_TEST(Wrong, BarrierIsOneTooFew) {
  pthread_barrier_init(&barrier, nullptr, 1);
  labkit::RunTogether(
      [] {
        value = 1;
        pthread_barrier_wait(&barrier);
      },
      [] {
        pthread_barrier_wait(&barrier);
        EXPECT_LE(value, 1);
      });
}
CONCURRENT_TEST(Wrong, BarrierIsDestroyedWhileAwaited) {
  pthread_barrier_init(&barrier, nullptr, 2);
  labkit::RunTogether([] { pthread_barrier_wait(&barrier); },
                      [] { pthread_barrier_destroy(&barrier); });
}

// Once.

CONCURRENT_TEST(Right, OnceForOneValue) {
  auto use = [] {
    pthread_once(&once, [] { ++value; });
    EXPECT_EQ(value, 1);
  };
  labkit::RunTogether(use, use);
}
CONCURRENT_TEST(Wrong, TwoOncesForOneValue) {
  labkit::RunTogether([] { pthread_once(&once, [] { ++value; }); },
                      [] { pthread_once(&once_more, [] { ++value; }); });
}

// Semaphores.

CONCURRENT_TEST(Right, SemaphoreTryWait) {
  sem_init(&semaphore, 0, 1);
  auto add = [] {
    if (sem_trywait(&semaphore) != 0) return;
    ++value;
    sem_post(&semaphore);
  };
  labkit::RunTogether(add, add);
  EXPECT_GE(value, 1);
  sem_destroy(&semaphore);
}
CONCURRENT_TEST(Wrong, SemaphoreTryWaitIsTakenToSucceed) {
  sem_init(&semaphore, 0, 1);
  auto add = [] {
    sem_trywait(&semaphore);
    ++value;
    sem_post(&semaphore);
  };
  labkit::RunTogether(add, add);
}
CONCURRENT_TEST(Wrong, SemaphoreIsDestroyedWhileAwaited) {
  sem_init(&semaphore, 0, 0);
  labkit::RunTogether([] { sem_wait(&semaphore); },
                      [] { sem_destroy(&semaphore); });
}
CONCURRENT_TEST(Wrong, SemaphoreIsUsedAfterItsEnd) {
  sem_init(&semaphore, 0, 1);
  sem_destroy(&semaphore);
  sem_wait(&semaphore);
}
