// Sequential tests: those that never end, in the way that their names say, and
// those that only take their time.
#include <sys/time.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <semaphore>
#include <thread>

#include "labkit/labkit.h"

using namespace std::chrono_literals;

namespace {

std::atomic<bool> flag{false};
std::atomic_flag spin;

}  // namespace

// For the model to need a thread pointer for each thread, on any machine.
thread_local std::atomic<int> mine{0};

CONCURRENT_TEST(Right, HasThreads) {
  std::thread other([] { ++mine; });
  other.join();
  EXPECT_EQ(mine, 0);
}

TEST(Wrong, StandsStill) { asm volatile("1: jmp 1b"); }

TEST(Wrong, LooksAtWhatNobodyChanges) {
  while (!flag.load(std::memory_order_acquire)) {
  }
}

TEST(Wrong, SpinsOnALockThatItHolds) {
  while (spin.test_and_set()) {
  }
  while (spin.test_and_set()) {
  }
}

TEST(Wrong, YieldsToNobody) {
  while (!flag.load()) std::this_thread::yield();
}

TEST(Wrong, LocksTwice) {
  static std::mutex mutex;
  mutex.lock();
  mutex.lock();
}

TEST(Wrong, WaitsForANotification) {
  std::mutex mutex;
  std::condition_variable changed;
  std::unique_lock lock(mutex);
  changed.wait(lock, [] { return flag.load(); });
}

TEST(Wrong, AcquiresWhatNobodyReleases) {
  std::binary_semaphore semaphore(0);
  semaphore.acquire();
}

// Nothing proves it: the number is another one each time.
TEST(Unknown, CountsForEver) {
  for (volatile unsigned i = 0;;) i = i + 1;
}

// Nor this one, which hardly gets on: whoever looks comes again at once.
TEST(Unknown, CountsUnderAlarms) {
  const itimerval interval{{0, 1}, {0, 1000}};
  setitimer(ITIMER_REAL, &interval, nullptr);
  for (volatile unsigned i = 0;;) i = i + 1;
}

// Nor this: one of the two may have something in mind.
TEST(Unknown, WaitsLikeItsThread) {
  static std::mutex mutex;
  mutex.lock();
  std::thread other([] { mutex.lock(); });
  mutex.lock();
  other.join();
}

TEST(Right, LooksForAWhile) {
  const auto end = std::chrono::steady_clock::now() + 700ms;
  while (!flag.load() && std::chrono::steady_clock::now() < end) {
  }
}

TEST(Right, LooksManyTimes) {
  for (int i = 0; i < 150'000'000 && !flag.load(); ++i) {
  }
}

TEST(Right, Sleeps) { std::this_thread::sleep_for(700ms); }

TEST(Right, WaitsForAThread) {
  flag.store(false);
  std::thread other([] {
    std::this_thread::sleep_for(700ms);
    flag.store(true);
  });
  while (!flag.load()) {
  }
  other.join();
}

TEST(Right, AcquiresWhatAThreadReleases) {
  std::binary_semaphore semaphore(0);
  std::thread other([&] {
    std::this_thread::sleep_for(700ms);
    semaphore.release();
  });
  semaphore.acquire();
  other.join();
}

int counted = 0;

CONCURRENT_TEST(Right, Counts) {
  labkit::RunTogether([] { counted += 2; });
  EXPECT_EQ(counted, 2);
}

TEST(Right, FindsTheGlobalsAsTheyWere) { EXPECT_EQ(counted, 0); }
