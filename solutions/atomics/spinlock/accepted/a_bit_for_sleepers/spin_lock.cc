#include "spin_lock.h"

// One bit says that the lock is taken, the other that somebody may sleep.
namespace {
constexpr uint32_t kTaken = 1;
constexpr uint32_t kSleeper = 2;
}  // namespace

void SpinLock::lock() {
  if (try_lock()) return;
  // Whoever has slept takes the lock with both bits: others may sleep still.
  while ((word_.fetch_or(kTaken | kSleeper, std::memory_order_acquire) &
          kTaken) != 0) {
    word_.wait(kTaken | kSleeper, std::memory_order_relaxed);
  }
}

bool SpinLock::try_lock() {
  // Sets the one bit and leaves the other.
  return (word_.fetch_or(kTaken, std::memory_order_acquire) & kTaken) == 0;
}

void SpinLock::unlock() {
  const uint32_t before = word_.exchange(0, std::memory_order_release);
  if ((before & kSleeper) != 0) word_.notify_one();
}
