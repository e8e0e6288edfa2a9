#include "log.h"

namespace ship {

size_t Log::Append(const Entry& entry) {
  std::lock_guard<std::mutex> guard(lock_);
  entries_.push_back(entry);
  return entries_.size() - 1;
}

size_t Log::Size() const {
  std::lock_guard<std::mutex> guard(lock_);
  return entries_.size();
}

Entry Log::At(size_t number) const {
  // The copy is made before the guard goes.
  std::lock_guard<std::mutex> guard(lock_);
  return entries_[number];
}

}  // namespace ship
