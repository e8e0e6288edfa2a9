#include "log.h"

namespace ship {

size_t Log::Append(const Entry& entry) {
  // Takes a number without any lock, then fills it in.
  const size_t number = size_.fetch_add(1);
  entries_[number] = entry;
  return number;
}

size_t Log::Size() const { return size_; }

Entry Log::At(size_t number) const { return entries_[number]; }

}  // namespace ship
