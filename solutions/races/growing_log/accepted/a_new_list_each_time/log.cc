#include "log.h"

namespace ship {

size_t Log::Append(const Entry& entry) {
  std::lock_guard<std::mutex> guard(lock_);
  auto next = std::make_shared<List>(*list_);
  next->push_back(entry);
  list_ = next;
  return next->size() - 1;
}

size_t Log::Size() const {
  std::lock_guard<std::mutex> guard(lock_);
  return list_->size();
}

Entry Log::At(size_t number) const {
  std::shared_ptr<const List> list;
  {
    std::lock_guard<std::mutex> guard(lock_);
    list = list_;
  }
  return (*list)[number];
}

}  // namespace ship
