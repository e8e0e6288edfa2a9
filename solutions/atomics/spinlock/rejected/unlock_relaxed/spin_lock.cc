#include "spin_lock.h"

#include <thread>

void SpinLock::lock() {
  while (!try_lock()) std::this_thread::yield();
}

bool SpinLock::try_lock() {
  return word_.exchange(1, std::memory_order_acquire) == 0;
}

void SpinLock::unlock() { word_.store(0, std::memory_order_relaxed); }
