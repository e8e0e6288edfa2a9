#include "spin_lock.h"

#include <thread>

// TODO: packets vanish. Two threads can take the lock at once, and what one
// wrote the next one need not see.
void SpinLock::lock() {
  while (word_.load(std::memory_order_relaxed) != 0) {
    std::this_thread::yield();
  }
  word_.store(1, std::memory_order_relaxed);
}

bool SpinLock::try_lock() {
  if (word_.load(std::memory_order_relaxed) != 0) return false;
  word_.store(1, std::memory_order_relaxed);
  return true;
}

void SpinLock::unlock() { word_.store(0, std::memory_order_relaxed); }
