#include "log.h"

namespace ship {

// TODO: what is written never changes. So why do readers get strange entries?

size_t Log::Append(const Entry& entry) {
  std::lock_guard<std::mutex> guard(appending_);
  entries_.push_back(entry);
  return entries_.size() - 1;
}

size_t Log::Size() const { return entries_.size(); }

// No lock: an entry is never changed once it is written.
Entry Log::At(size_t number) const { return entries_[number]; }

}  // namespace ship
