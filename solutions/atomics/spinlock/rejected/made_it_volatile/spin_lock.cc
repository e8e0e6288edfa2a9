#include "spin_lock.h"

#include <thread>

void SpinLock::lock() {
  // volatile: really look each time.
  volatile bool taken = true;
  while (taken) {
    taken = word_.load(std::memory_order_relaxed) != 0;
  }
  word_.store(1, std::memory_order_relaxed);
}

bool SpinLock::try_lock() {
  volatile bool taken = word_.load(std::memory_order_relaxed) != 0;
  if (taken) return false;
  word_.store(1, std::memory_order_relaxed);
  return true;
}

void SpinLock::unlock() { word_.store(0, std::memory_order_release); }
