#include "spin_lock.h"

// 1: taken; 2: taken, and somebody sleeps.
void SpinLock::lock() {
  if (try_lock()) return;
  while (word_.exchange(2, std::memory_order_acquire) != 0) {
    word_.wait(2, std::memory_order_relaxed);
  }
}

bool SpinLock::try_lock() {
  return word_.exchange(1, std::memory_order_acquire) == 0;
}

void SpinLock::unlock() {
  if (word_.exchange(0, std::memory_order_release) == 2) word_.notify_one();
}
