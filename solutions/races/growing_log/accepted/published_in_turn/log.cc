#include "log.h"

#include <thread>

namespace ship {

Log::~Log() {
  for (const std::atomic<Page*>& page : pages_) delete page.load();
}

// Several may find that there is no page yet; one of them puts his there.
Log::Page* Log::PageOf(size_t number) {
  std::atomic<Page*>& page = pages_[number / kLines];
  Page* there = page.load();
  if (there != nullptr) return there;
  Page* const mine = new Page;
  if (page.compare_exchange_strong(there, mine)) return mine;
  delete mine;
  return there;
}

size_t Log::Append(const Entry& entry) {
  const size_t number = next_.fetch_add(1);
  PageOf(number)->lines[number % kLines] = entry;
  // In the order of the numbers: the size counts only what is there.
  while (size_.load() != number) std::this_thread::yield();
  size_.store(number + 1);
  return number;
}

size_t Log::Size() const { return size_.load(); }

Entry Log::At(size_t number) const {
  return pages_[number / kLines].load()->lines[number % kLines];
}

}  // namespace ship
