// Programs that full search must come to the end of.

#include <condition_variable>
#include <mutex>
#include <thread>

#include "labkit/labkit.h"

namespace {

CONCURRENT_TEST(Exhaust, Philosophers3) {
  std::mutex forks[3];
  int meals = 0;
  const auto dine = [&](int i) {
    // The lower number first: no deadlock.
    std::mutex& first = forks[i < 2 ? i : 0];
    std::mutex& second = forks[i < 2 ? i + 1 : 2];
    std::lock_guard one(first);
    std::lock_guard two(second);
    if (i == 0) ++meals;
  };
  std::thread a(dine, 0);
  std::thread b(dine, 1);
  std::thread c(dine, 2);
  a.join();
  b.join();
  c.join();
  EXPECT_EQ(meals, 1);
}

// Two producers and two consumers of two items each, room for one.
CONCURRENT_TEST(Exhaust, BoundedBuffer2x2x2) {
  std::mutex mutex;
  std::condition_variable not_full;
  std::condition_variable not_empty;
  bool full = false;
  int slot = 0;
  int sum = 0;
  const auto produce = [&](int item) {
    for (int i = 0; i < 2; ++i) {
      std::unique_lock lock(mutex);
      while (full) not_full.wait(lock);
      full = true;
      slot = item;
      not_empty.notify_one();
    }
  };
  const auto consume = [&] {
    for (int i = 0; i < 2; ++i) {
      std::unique_lock lock(mutex);
      while (!full) not_empty.wait(lock);
      full = false;
      sum += slot;
      not_full.notify_one();
    }
  };
  std::thread p1(produce, 1);
  std::thread p2(produce, 10);
  std::thread c1(consume);
  std::thread c2(consume);
  p1.join();
  p2.join();
  c1.join();
  c2.join();
  EXPECT_EQ(sum, 22);
}

// A reader-writer lock from a mutex and a condition variable.
class RwLock {
 public:
  void LockShared() {
    std::unique_lock lock(mutex_);
    while (writing_) changed_.wait(lock);
    ++readers_;
  }
  void UnlockShared() {
    std::lock_guard lock(mutex_);
    if (--readers_ == 0) changed_.notify_all();
  }
  void Lock() {
    std::unique_lock lock(mutex_);
    while (writing_ || readers_ > 0) changed_.wait(lock);
    writing_ = true;
  }
  void Unlock() {
    std::lock_guard lock(mutex_);
    writing_ = false;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int readers_ = 0;
  bool writing_ = false;
};

CONCURRENT_TEST(Exhaust, RwLock3) {
  RwLock lock;
  int value = 0;
  const auto write = [&] {
    lock.Lock();
    ++value;
    lock.Unlock();
  };
  std::thread w(write);
  std::thread v(write);
  std::thread r([&] {
    lock.LockShared();
    const int seen = value;
    lock.UnlockShared();
    EXPECT_LE(seen, 2);
  });
  w.join();
  v.join();
  r.join();
  EXPECT_EQ(value, 2);
}

}  // namespace
