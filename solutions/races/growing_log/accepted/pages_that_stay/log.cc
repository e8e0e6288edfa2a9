#include "log.h"

namespace ship {

size_t Log::Append(const Entry& entry) {
  std::lock_guard<std::mutex> guard(appending_);
  // Relaxed: only appends change it, and we have their lock.
  const size_t number = size_.load(std::memory_order_relaxed);
  std::unique_ptr<Page>& page = pages_[number / kLines];
  if (page == nullptr) page = std::make_unique<Page>();
  page->lines[number % kLines] = entry;
  // Publishes the line (and its page) to readers who see the new size.
  size_.store(number + 1, std::memory_order_release);
  return number;
}

size_t Log::Size() const { return size_.load(std::memory_order_acquire); }

Entry Log::At(size_t number) const {
  // No lock: the caller knows this number from Append() or Size(), and what
  // they published will not change or move.
  return pages_[number / kLines]->lines[number % kLines];
}

}  // namespace ship
