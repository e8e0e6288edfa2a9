#include "log.h"

namespace ship {

size_t Log::Append(const Entry& entry) {
  std::lock_guard<std::mutex> guard(appending_);
  entries_.push_back(entry);
  size_ = entries_.size();
  return entries_.size() - 1;
}

size_t Log::Size() const { return size_; }

Entry Log::At(size_t number) const { return entries_[number]; }

}  // namespace ship
