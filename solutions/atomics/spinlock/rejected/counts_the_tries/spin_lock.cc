#include "spin_lock.h"

#include <thread>

void SpinLock::lock() {
  while (!try_lock()) std::this_thread::yield();
}

bool SpinLock::try_lock() {
  if (word_.fetch_add(1) == 0) return true;
  word_.fetch_sub(1);
  return false;
}

void SpinLock::unlock() { word_.fetch_sub(1); }
