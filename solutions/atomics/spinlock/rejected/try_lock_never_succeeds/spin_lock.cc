#include "spin_lock.h"

#include <thread>

void SpinLock::lock() {
  while (word_.exchange(1, std::memory_order_acquire) != 0) {
    std::this_thread::yield();
  }
}

bool SpinLock::try_lock() { return false; }

void SpinLock::unlock() { word_.store(0, std::memory_order_release); }
