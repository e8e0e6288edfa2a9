#include "spin_lock.h"

#include <thread>

// The upper half of the word is the next ticket, the lower half is the one that
// is being served. Both wrap at 65,536, together.
namespace {
constexpr int kShift = 16;
constexpr uint32_t kMask = 0xffff;
constexpr uint32_t kTicket = 1u << kShift;
}  // namespace

void SpinLock::lock() {
  const uint32_t mine =
      word_.fetch_add(kTicket, std::memory_order_relaxed) >> kShift;
  // Acquire: pairs with the release in unlock().
  while ((word_.load(std::memory_order_acquire) & kMask) != mine) {
    std::this_thread::yield();
  }
}

bool SpinLock::try_lock() {
  uint32_t seen = word_.load(std::memory_order_relaxed);
  // Free means: the next ticket is the one that is being served.
  while ((seen >> kShift) == (seen & kMask)) {
    if (word_.compare_exchange_weak(seen, seen + kTicket,
                                    std::memory_order_acquire,
                                    std::memory_order_relaxed)) {
      return true;
    }
  }
  return false;
}

void SpinLock::unlock() {
  uint32_t seen = word_.load(std::memory_order_relaxed);
  // Release: publishes what this owner did to the next one. The loop is only
  // for those who draw a ticket meanwhile; the lower half is ours alone.
  while (!word_.compare_exchange_weak(
      seen, (seen & ~kMask) | ((seen + 1) & kMask), std::memory_order_release,
      std::memory_order_relaxed)) {
  }
}
