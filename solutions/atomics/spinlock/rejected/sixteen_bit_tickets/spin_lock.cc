#include "spin_lock.h"

#include <thread>

// The upper half is the next ticket, the lower half the one being served.
void SpinLock::lock() {
  const uint32_t mine = word_.fetch_add(1u << 16) >> 16;
  while ((word_.load() & 0xffff) != mine) std::this_thread::yield();
}

bool SpinLock::try_lock() {
  uint32_t seen = word_.load();
  if (seen >> 16 != (seen & 0xffff)) return false;
  return word_.compare_exchange_strong(seen, seen + (1u << 16));
}

void SpinLock::unlock() { word_.fetch_add(1); }
