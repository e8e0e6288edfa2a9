// Two small programs whose executions are counted per second. Their twins, by
// hand on Relacy's own types: runtimes/model/bench/by_hand.cc.
//
// Each twice: on std::thread, which keeps what a thread runs on the heap, whose
// plain accesses are checked too; and on pthread_create, with nothing that the
// twins do not have.

#include <pthread.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "labkit/labkit.h"

namespace {

std::mutex mutex;
int value = 0;

std::atomic<int> x = 0;
std::atomic<int> y = 0;

void Add(int times) {
  for (int i = 0; i < times; ++i) {
    mutex.lock();
    value = value + 1;
    mutex.unlock();
  }
}

void Buffer(int thread, int* seen) {
  std::atomic<int>& mine = thread == 0 ? x : y;
  std::atomic<int>& other = thread == 0 ? y : x;
  mine.store(1, std::memory_order_release);
  seen[thread] = other.load(std::memory_order_acquire);
}

CONCURRENT_TEST(Rate, Counter) {
  std::thread a([] { Add(2); });
  std::thread b([] { Add(2); });
  a.join();
  b.join();
  EXPECT_EQ(value, 4);
}

CONCURRENT_TEST(Rate, CounterOnPthreads) {
  const auto enter = +[](void*) -> void* {
    Add(2);
    return nullptr;
  };
  pthread_t threads[2];
  for (pthread_t& thread : threads) {
    pthread_create(&thread, nullptr, enter, nullptr);
  }
  for (pthread_t thread : threads) pthread_join(thread, nullptr);
  EXPECT_EQ(value, 4);
}

CONCURRENT_TEST(Rate, StoreBuffering) {
  int seen[2];
  std::thread a([&seen] { Buffer(0, seen); });
  std::thread b([&seen] { Buffer(1, seen); });
  a.join();
  b.join();
  EXPECT_LE(seen[0] + seen[1], 2);
}

struct Start {
  int thread;
  int* seen;
};

CONCURRENT_TEST(Rate, StoreBufferingOnPthreads) {
  const auto enter = +[](void* argument) -> void* {
    const Start* start = static_cast<Start*>(argument);
    Buffer(start->thread, start->seen);
    return nullptr;
  };
  int seen[2];
  Start starts[2] = {{0, seen}, {1, seen}};
  pthread_t threads[2];
  for (int i = 0; i < 2; ++i) {
    pthread_create(&threads[i], nullptr, enter, &starts[i]);
  }
  for (pthread_t thread : threads) pthread_join(thread, nullptr);
  EXPECT_LE(seen[0] + seen[1], 2);
}

// 250 schedule points and more.
CONCURRENT_TEST(Rate, LongCounter) {
  std::thread a([] { Add(64); });
  std::thread b([] { Add(64); });
  a.join();
  b.join();
  EXPECT_EQ(value, 128);
}

}  // namespace
