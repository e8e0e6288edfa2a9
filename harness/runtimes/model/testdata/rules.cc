// What the C++ standard forbids and pthreads do not notice, and what it allows.

#include <pthread.h>

#include <barrier>
#include <chrono>
#include <condition_variable>
#include <latch>
#include <memory_resource>
#include <mutex>
#include <semaphore>
#include <shared_mutex>
#include <thread>
#include <vector>

#include "labkit/labkit.h"

namespace {

std::mutex mutex;
std::condition_variable changed;
std::recursive_mutex again;
std::timed_mutex timed;
std::shared_mutex shared;
std::shared_timed_mutex timed_shared;
std::recursive_timed_mutex timed_again;
pthread_mutex_t posix = PTHREAD_MUTEX_INITIALIZER;
std::binary_semaphore permit{0};
std::counting_semaphore<2> permits{0};
std::counting_semaphore<> many{0};

}  // namespace

CONCURRENT_TEST(Wrong, EndsWithTheMutex) {
  std::jthread([] { mutex.lock(); });
}
CONCURRENT_TEST(Wrong, EndsWithOneOfTwoLevels) {
  std::jthread([] {
    again.lock();
    again.lock();
    again.unlock();
  });
}
CONCURRENT_TEST(Wrong, EndsWithWhatItTried) {
  std::jthread([] { EXPECT_TRUE(timed.try_lock()); });
}
CONCURRENT_TEST(Wrong, EndsAsAReader) {
  std::jthread([] { shared.lock_shared(); });
}
CONCURRENT_TEST(Wrong, UniqueLockIsReleasedForGood) {
  std::unique_lock lock(mutex);
  lock.release();
}
// Whoever has waited has the mutex again.
void AwaitAndRelease(bool unlock) {
  bool waits = false;
  bool ready = false;
  labkit::RunTogether(
      [&] {
        std::unique_lock lock(mutex);
        waits = true;
        while (!ready) changed.wait(lock);
        lock.release();
        if (unlock) mutex.unlock();
      },
      [&] {
        std::unique_lock lock(mutex);
        while (!waits) {
          lock.unlock();
          std::this_thread::yield();
          lock.lock();
        }
        ready = true;
        changed.notify_one();
      });
}
CONCURRENT_TEST(Wrong, KeepsWhatItHasAgainAfterAWait) {
  AwaitAndRelease(false);
}
CONCURRENT_TEST(Right, UnlocksWhatItHasAgainAfterAWait) {
  AwaitAndRelease(true);
}
CONCURRENT_TEST(Right, EndsWithNothing) {
  std::jthread([] {
    std::scoped_lock all(mutex, again, timed, shared);
    std::lock_guard twice(again);
  });
  std::unique_lock lock(mutex);
  lock.release()->unlock();
}
CONCURRENT_TEST(Right, PosixLetsAThreadEndWithIt) {
  std::jthread([] { pthread_mutex_lock(&posix); });
}

CONCURRENT_TEST(Wrong, OwnerTries) {
  std::lock_guard lock(mutex);
  EXPECT_FALSE(mutex.try_lock());
}
CONCURRENT_TEST(Wrong, OwnerTriesToShare) {
  std::lock_guard lock(shared);
  EXPECT_FALSE(shared.try_lock_shared());
}
CONCURRENT_TEST(Wrong, OwnerTriesForAWhile) {
  std::lock_guard lock(timed);
  EXPECT_FALSE(timed.try_lock_for(std::chrono::milliseconds(1)));
}
CONCURRENT_TEST(Wrong, OwnerTriesUntilThen) {
  std::lock_guard lock(timed);
  EXPECT_FALSE(timed.try_lock_until(std::chrono::system_clock::now() +
                                    std::chrono::milliseconds(1)));
}
CONCURRENT_TEST(Wrong, ReaderTriesForAWhile) {
  std::shared_lock lock(timed_shared);
  EXPECT_FALSE(timed_shared.try_lock_for(std::chrono::milliseconds(1)));
}
CONCURRENT_TEST(Right, OthersTryForAWhile) {
  labkit::RunTogether([] { std::lock_guard lock(timed); },
                      [] {
                        const std::chrono::milliseconds while_(1);
                        if (timed.try_lock_for(while_)) timed.unlock();
                        if (timed_shared.try_lock_for(while_)) {
                          timed_shared.unlock();
                        }
                      },
                      [] { std::shared_lock lock(timed_shared); });
}
CONCURRENT_TEST(Right, OwnerOfARecursiveOneTries) {
  std::lock_guard lock(again);
  EXPECT_TRUE(again.try_lock());
  again.unlock();
  std::lock_guard timed_lock(timed_again);
  EXPECT_TRUE(timed_again.try_lock_for(std::chrono::milliseconds(1)));
  timed_again.unlock();
}
CONCURRENT_TEST(Right, PosixLetsTheOwnerTry) {
  pthread_mutex_lock(&posix);
  EXPECT_NE(pthread_mutex_trylock(&posix), 0);
  pthread_mutex_unlock(&posix);
}

CONCURRENT_TEST(Wrong, ReaderUnlocksAsAWriter) {
  shared.lock_shared();
  shared.unlock();
}
CONCURRENT_TEST(Wrong, WriterUnlocksAsAReader) {
  shared.lock();
  shared.unlock_shared();
}
CONCURRENT_TEST(Right, EachUnlocksAsItLocked) {
  labkit::RunTogether([] { std::shared_lock lock(shared); },
                      [] { std::unique_lock lock(shared); });
}

// It reads and writes under a shared mutex, by code of libstdc++.so.
CONCURRENT_TEST(Right, PoolOfTheLibraryLocksByItself) {
  std::pmr::synchronized_pool_resource pool;
  const auto fill = [&] { std::pmr::vector<int>({1, 2}, &pool).push_back(3); };
  labkit::RunTogether(fill, fill);
}

CONCURRENT_TEST(Wrong, PermitIsGivenTwice) {
  labkit::RunTogether([] { permit.release(); }, [] { permit.release(); });
}
CONCURRENT_TEST(Wrong, ThreeOfTwoPermits) { permits.release(3); }
CONCURRENT_TEST(Right, PermitIsTakenInBetween) {
  labkit::RunTogether([] { permit.release(); }, [] { permit.acquire(); });
  permit.release();
}
CONCURRENT_TEST(Right, TwoOfTwoPermitsAndManyOfMany) {
  permits.release(2);
  many.release(20);
}

CONCURRENT_TEST(Wrong, LatchIsCountedDownTwice) {
  std::latch done(1);
  labkit::RunTogether([&] { done.count_down(); }, [&] { done.count_down(); });
}
CONCURRENT_TEST(Wrong, LatchIsCountedDownByTooMuch) {
  std::latch done(3);
  labkit::RunTogether([&] { done.count_down(2); },
                      [&] { done.arrive_and_wait(2); });
}
CONCURRENT_TEST(Right, LatchIsCountedDownToZero) {
  std::latch done(3);
  labkit::RunTogether([&] { done.count_down(2); },
                      [&] { done.arrive_and_wait(); });
  done.count_down(0);
}

CONCURRENT_TEST(Wrong, ThreeArriveAtABarrierOfTwo) {
  std::barrier barrier(2);
  const auto arrive = [&] { barrier.arrive_and_wait(); };
  labkit::RunTogether(arrive, arrive, arrive);
}
CONCURRENT_TEST(Wrong, OneArrivesThriceAtOnce) {
  std::barrier barrier(2);
  static_cast<void>(barrier.arrive(3));
}
CONCURRENT_TEST(Wrong, ThreeOfTwoLeave) {
  std::barrier barrier(2);
  const auto leave = [&] { barrier.arrive_and_drop(); };
  labkit::RunTogether(leave, leave);
  leave();
}
CONCURRENT_TEST(Right, AllArriveAndLeave) {
  int phases = 0;
  std::barrier barrier(2, [&]() noexcept { ++phases; });
  labkit::RunTogether(
      [&] {
        barrier.arrive_and_wait();
        barrier.arrive_and_drop();
      },
      [&] {
        barrier.arrive_and_wait();
        barrier.arrive_and_wait();
        barrier.arrive_and_wait();
        barrier.arrive_and_drop();
      });
  EXPECT_EQ(phases, 4);
}
CONCURRENT_TEST(Right, OneArrivesForTwo) {
  std::barrier barrier(3);
  labkit::RunTogether([&] { static_cast<void>(barrier.arrive(2)); },
                      [&] { barrier.arrive_and_wait(); });
}
