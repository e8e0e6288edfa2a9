#include "log.h"

namespace ship {

size_t Log::Append(const Entry& entry) {
  std::lock_guard<std::mutex> guard(appending_);
  const size_t number = size_.load(std::memory_order_relaxed);
  auto& block = blocks_[number / 64];
  if (block == nullptr) block = std::make_unique<Entry[]>(64);
  block[number % 64] = entry;
  size_.store(number + 1, std::memory_order_release);
  return number;
}

size_t Log::Size() const { return size_.load(std::memory_order_acquire); }

Entry Log::At(size_t number) const { return blocks_[number / 64][number % 64]; }

}  // namespace ship
