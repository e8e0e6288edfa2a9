#include "log.h"

#include <thread>

namespace ship {

Log::Log() { pages_[0] = new Page; }

Log::~Log() {
  for (const std::atomic<Page*>& page : pages_) delete page.load();
}

Log::Page* Log::PageOf(size_t number) {
  std::atomic<Page*>& page = pages_[number / kLines];
  if (page.load() == nullptr) page.store(new Page);
  return page.load();
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
