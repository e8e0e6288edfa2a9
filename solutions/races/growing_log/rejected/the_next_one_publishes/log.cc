#include "log.h"

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

bool Log::IsWritten(size_t number) const {
  const Page* const page = pages_[number / kLines].load();
  return page != nullptr && page->written[number % kLines].load();
}

size_t Log::Append(const Entry& entry) {
  const size_t number = next_.fetch_add(1);
  Page* const page = PageOf(number);
  page->lines[number % kLines] = entry;
  page->written[number % kLines].store(true);
  // Counts all that is written; what comes after a gap is counted by whoever
  // fills the gap.
  size_t size = size_.load();
  while (IsWritten(size)) {
    if (size_.compare_exchange_strong(size, size + 1)) ++size;
  }
  return number;
}

size_t Log::Size() const { return size_.load(); }

Entry Log::At(size_t number) const {
  return pages_[number / kLines].load()->lines[number % kLines];
}

}  // namespace ship
