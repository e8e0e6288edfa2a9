// Two small programs whose executions are counted per second. Their twins, by
// hand on Relacy's own types: runtimes/model/bench/by_hand.cc.

#include <atomic>
#include <mutex>
#include <thread>

#include "labkit/labkit.h"

namespace {

std::mutex mutex;
int value = 0;

std::atomic<int> x = 0;
std::atomic<int> y = 0;

CONCURRENT_TEST(Rate, Counter) {
  const auto add = [] {
    for (int i = 0; i < 2; ++i) {
      mutex.lock();
      value = value + 1;
      mutex.unlock();
    }
  };
  std::thread a(add);
  std::thread b(add);
  a.join();
  b.join();
  EXPECT_EQ(value, 4);
}

CONCURRENT_TEST(Rate, StoreBuffering) {
  int seen[2];
  const auto run = [&seen](int thread) {
    std::atomic<int>& mine = thread == 0 ? x : y;
    std::atomic<int>& other = thread == 0 ? y : x;
    mine.store(1, std::memory_order_release);
    seen[thread] = other.load(std::memory_order_acquire);
  };
  std::thread a(run, 0);
  std::thread b(run, 1);
  a.join();
  b.join();
  EXPECT_LE(seen[0] + seen[1], 2);
}

// 250 schedule points and more.
CONCURRENT_TEST(Rate, LongCounter) {
  const auto add = [] {
    for (int i = 0; i < 64; ++i) {
      mutex.lock();
      value = value + 1;
      mutex.unlock();
    }
  };
  std::thread a(add);
  std::thread b(add);
  a.join();
  b.join();
  EXPECT_EQ(value, 128);
}

}  // namespace
