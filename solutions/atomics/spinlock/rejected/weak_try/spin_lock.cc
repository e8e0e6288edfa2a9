#include "spin_lock.h"

#include <thread>

void SpinLock::lock() {
  while (!try_lock()) std::this_thread::yield();
}

bool SpinLock::try_lock() {
  uint32_t expected = 0;
  return word_.compare_exchange_weak(expected, 1, std::memory_order_acquire,
                                     std::memory_order_relaxed);
}

void SpinLock::unlock() { word_.store(0, std::memory_order_release); }
