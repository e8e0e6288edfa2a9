#include "spin_lock.h"

#include <thread>

void SpinLock::lock() {
  while (word_.load() != 0) std::this_thread::yield();
  word_.store(1);
}

bool SpinLock::try_lock() {
  if (word_.load() != 0) return false;
  word_.store(1);
  return true;
}

void SpinLock::unlock() { word_.store(0); }
