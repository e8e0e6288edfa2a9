#include "spin_lock.h"

#include <atomic>

void SpinLock::lock() {
  while (!try_lock()) word_.wait(1, std::memory_order_relaxed);
}

bool SpinLock::try_lock() {
  uint32_t expected = 0;
  return word_.compare_exchange_strong(expected, 1, std::memory_order_acquire,
                                       std::memory_order_relaxed);
}

void SpinLock::unlock() {
  word_.store(0, std::memory_order_release);
  word_.notify_one();
}
