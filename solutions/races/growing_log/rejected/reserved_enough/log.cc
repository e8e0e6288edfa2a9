#include "log.h"

namespace ship {

size_t Log::Append(const Entry& entry) {
  std::lock_guard<std::mutex> guard(appending_);
  entries_.push_back(entry);
  return entries_.size() - 1;
}

size_t Log::Size() const {
  std::lock_guard<std::mutex> guard(appending_);
  return entries_.size();
}

Entry Log::At(size_t number) const {
  // The vector never moves, since there is room enough.
  return entries_[number];
}

}  // namespace ship
