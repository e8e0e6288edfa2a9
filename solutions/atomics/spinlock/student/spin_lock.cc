#include "spin_lock.h"

#include <thread>

void SpinLock::lock() {
  while (!try_lock()) {
    // Look, without writing, until it seems free: a line that is only read can
    // stay in every core's cache.
    while (word_.load(std::memory_order_relaxed) != 0) {
      std::this_thread::yield();
    }
  }
}

bool SpinLock::try_lock() {
  // Acquire: pairs with the release in unlock(), so that this owner sees what
  // the previous one did.
  return word_.exchange(1, std::memory_order_acquire) == 0;
}

void SpinLock::unlock() {
  // Release: publishes what this owner did to the next one.
  word_.store(0, std::memory_order_release);
}
