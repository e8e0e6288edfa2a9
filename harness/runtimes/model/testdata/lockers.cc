// Locks of all kinds, right and wrong.

#include <errno.h>
#include <pthread.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <thread>

#include "labkit/labkit.h"

using namespace std::chrono_literals;

namespace {

std::mutex first;
std::mutex second;
std::recursive_mutex again;
std::timed_mutex timed;
std::timed_mutex other_timed;
std::shared_mutex shared;
std::once_flag once;
int value = 0;
int made = 0;
labkit::Occupancy readers;

int Make() { return ++made; }

}  // namespace

CONCURRENT_TEST(Locks, OppositeOrderDeadlocks) {
  labkit::RunTogether(
      [] {
        std::lock_guard a(first);
        std::lock_guard b(second);
      },
      [] {
        std::lock_guard b(second);
        std::lock_guard a(first);
      });
}

CONCURRENT_TEST(Locks, SameOrderIsRight) {
  auto both = [] {
    std::lock_guard a(first);
    std::lock_guard b(second);
    ++value;
  };
  labkit::RunTogether(both, both);
}

CONCURRENT_TEST(Locks, ScopedLockIsRightInAnyOrder) {
  labkit::RunTogether(
      [] {
        std::scoped_lock both(first, second);
        ++value;
      },
      [] {
        std::scoped_lock both(second, first);
        ++value;
      });
  EXPECT_EQ(value, 2);
}

CONCURRENT_TEST(Locks, TwoLocksForOneValueRace) {
  labkit::RunTogether(
      [] {
        std::lock_guard lock(first);
        ++value;
      },
      [] {
        std::lock_guard lock(second);
        ++value;
      });
}

CONCURRENT_TEST(Locks, RelockingDeadlocks) {
  std::lock_guard a(first);
  std::lock_guard b(first);
}

CONCURRENT_TEST(Locks, RecursiveMayBeRelocked) {
  auto twice = [] {
    std::lock_guard a(again);
    std::lock_guard b(again);
    ++value;
  };
  labkit::RunTogether(twice, twice);
  EXPECT_EQ(value, 2);
}

CONCURRENT_TEST(Locks, UnlockingAnothersIsMisuse) {
  first.lock();
  std::thread other([] { first.unlock(); });
  other.join();
}

CONCURRENT_TEST(Locks, UnlockingUnlockedIsMisuse) { first.unlock(); }

CONCURRENT_TEST(Locks, DestroyingLockedIsMisuse) {
  auto mutex = std::make_unique<std::mutex>();
  mutex->lock();
}

CONCURRENT_TEST(Locks, TryLockFindsItTaken) {
  EXPECT_REACHABLE("taken");
  labkit::RunTogether([] { std::lock_guard lock(first); },
                      [] {
                        if (first.try_lock()) {
                          first.unlock();
                        } else {
                          REACHED("taken");
                        }
                      });
}

CONCURRENT_TEST(Locks, TimedLockGivesUpOrGetsIt) {
  EXPECT_REACHABLE("gave up");
  EXPECT_REACHABLE("got it");
  labkit::RunTogether([] { std::lock_guard lock(timed); },
                      [] {
                        if (timed.try_lock_for(1ms)) {
                          REACHED("got it");
                          timed.unlock();
                        } else {
                          REACHED("gave up");
                        }
                      });
}

// Two that give back what they have and try again: each may time out, and take
// its own lock again before the other one had it, any number of times, but not
// for ever.
CONCURRENT_TEST(Locks, BacksOffAfterATimedTry) {
  const auto take_both = [](std::timed_mutex& own, std::timed_mutex& others) {
    for (;;) {
      std::unique_lock one(own);
      std::unique_lock two(others, 1ms);
      if (two.owns_lock()) break;
      one.unlock();
      std::this_thread::sleep_for(1ms);
    }
  };
  labkit::RunTogether([&] { take_both(timed, other_timed); },
                      [&] { take_both(other_timed, timed); });
}

// … and neither ever has both locks free at once: each gives back its own only
// to take it again.
CONCURRENT_TEST(Locks, TriesAgainForTheSecondOfTwo) {
  const auto take_both = [](std::timed_mutex& own, std::timed_mutex& others,
                            std::chrono::milliseconds patience) {
    for (;;) {
      std::unique_lock one(own);
      std::unique_lock two(others, patience);
      if (two.owns_lock()) break;
    }
  };
  labkit::RunTogether([&] { take_both(timed, other_timed, 2ms); },
                      [&] { take_both(other_timed, timed, 3ms); });
}

CONCURRENT_TEST(Locks, TimedTriesForALockThatStaysLocked) {
  timed.lock();
  labkit::RunTogether([] {
    while (!timed.try_lock_for(1ms)) std::this_thread::sleep_for(1ms);
  });
}

CONCURRENT_TEST(Locks, ReadersShare) {
  EXPECT_REACHABLE("two readers");
  auto read = [] {
    std::shared_lock lock(shared);
    if (readers.Enter() == 2) REACHED("two readers");
    readers.Leave();
  };
  labkit::RunTogether(read, read, [] {
    std::unique_lock lock(shared);
    EXPECT_EQ(readers.now(), 0);
    ++value;
  });
}

CONCURRENT_TEST(Locks, WritingAsAReaderRaces) {
  auto write = [] {
    std::shared_lock lock(shared);
    ++value;
  };
  labkit::RunTogether(write, write);
}

CONCURRENT_TEST(Locks, WriterExcludesReader) {
  labkit::RunTogether(
      [] {
        std::unique_lock lock(shared);
        ++value;
      },
      [] {
        std::shared_lock lock(shared);
        EXPECT_GE(value, 0);
      });
}

CONCURRENT_TEST(Once, CallOnceRunsOnce) {
  auto init = [] {
    std::call_once(once, [] { ++value; });
    EXPECT_EQ(value, 1);
  };
  labkit::RunTogether(init, init);
}

CONCURRENT_TEST(Once, CallOnceTriesAgainAfterAnException) {
  int tries = 0;
  auto init = [&] {
    try {
      std::call_once(once, [&] {
        if (++tries == 1) throw 1;
        ++value;
      });
    } catch (int) {
    }
  };
  labkit::RunTogether(init, init);
  EXPECT_EQ(value, 1);
}

CONCURRENT_TEST(Once, FunctionStaticIsMadeOnce) {
  auto use = [] {
    static int the_one = Make();
    EXPECT_EQ(the_one, 1);
  };
  labkit::RunTogether(use, use);
  EXPECT_EQ(made, 1);
}

CONCURRENT_TEST(Once, CheckedWithoutALockRaces) {
  static int* instance = nullptr;
  static int object = 0;
  auto use = [] {
    if (instance == nullptr) {
      object = 1;
      instance = &object;
    }
  };
  labkit::RunTogether(use, use);
}

CONCURRENT_TEST(Pthread, ErrorCheckingMutexSaysSo) {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK);
  pthread_mutex_t mutex;
  pthread_mutex_init(&mutex, &attributes);
  EXPECT_EQ(pthread_mutex_unlock(&mutex), EPERM);
  EXPECT_EQ(pthread_mutex_lock(&mutex), 0);
  EXPECT_EQ(pthread_mutex_lock(&mutex), EDEADLK);
  EXPECT_EQ(pthread_mutex_unlock(&mutex), 0);
  EXPECT_EQ(pthread_mutex_destroy(&mutex), 0);
}

CONCURRENT_TEST(Pthread, RobustMutexTellsOfItsOwnersDeath) {
  static pthread_mutex_t mutex;
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
  pthread_mutex_init(&mutex, &attributes);
  std::thread([] { pthread_mutex_lock(&mutex); }).join();
  EXPECT_EQ(pthread_mutex_lock(&mutex), EOWNERDEAD);
  EXPECT_EQ(pthread_mutex_consistent(&mutex), 0);
  EXPECT_EQ(pthread_mutex_unlock(&mutex), 0);
  EXPECT_EQ(pthread_mutex_lock(&mutex), 0);
  EXPECT_EQ(pthread_mutex_unlock(&mutex), 0);
}

CONCURRENT_TEST(Pthread, SpinLockExcludes) {
  static pthread_spinlock_t spin;
  pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE);
  auto add = [] {
    pthread_spin_lock(&spin);
    ++value;
    pthread_spin_unlock(&spin);
  };
  labkit::RunTogether(add, add);
  EXPECT_EQ(value, 2);
}
