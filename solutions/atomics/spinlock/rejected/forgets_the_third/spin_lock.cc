#include "spin_lock.h"

// 1: taken; 2: taken, and somebody sleeps.
void SpinLock::lock() {
  while (!try_lock()) {
    uint32_t taken = 1;
    if (word_.compare_exchange_strong(taken, 2, std::memory_order_relaxed) ||
        taken == 2) {
      word_.wait(2, std::memory_order_relaxed);
    }
  }
}

bool SpinLock::try_lock() {
  uint32_t free = 0;
  return word_.compare_exchange_strong(free, 1, std::memory_order_acquire,
                                       std::memory_order_relaxed);
}

void SpinLock::unlock() {
  if (word_.exchange(0, std::memory_order_release) == 2) word_.notify_one();
}
