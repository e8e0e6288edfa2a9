#include "price_list.h"

namespace market {

// Call with lock_ held.
void PriceList::HangUp() const {
  if (readers_ == 0) hanging_ = next_;
}

void PriceList::Read(Reader& reader) const {
  {
    std::lock_guard<std::mutex> guard(lock_);
    ++readers_;
  }
  for (int article = 0; article < static_cast<int>(hanging_.size());
       ++article) {
    reader.See(article, hanging_[article]);
  }
  std::lock_guard<std::mutex> guard(lock_);
  --readers_;
  HangUp();  // what came meanwhile
}

void PriceList::RaiseAll(int cents) {
  std::lock_guard<std::mutex> guard(lock_);
  for (int& price : next_) price += cents;
  HangUp();
}

bool PriceList::LowerTo(int article, int cents) {
  std::lock_guard<std::mutex> guard(lock_);
  if (next_[article] <= cents) return false;
  next_[article] = cents;
  HangUp();
  return true;
}

}  // namespace market
