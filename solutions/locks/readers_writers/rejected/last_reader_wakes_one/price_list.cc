#include "price_list.h"

namespace market {

void PriceList::Read(Reader& reader) const {
  {
    std::lock_guard<std::mutex> guard(lock_);
    ++readers_;
  }
  for (int article = 0; article < static_cast<int>(cents_.size()); ++article) {
    reader.See(article, cents_[article]);
  }
  std::lock_guard<std::mutex> guard(lock_);
  if (--readers_ == 0) changed_.notify_one();  // one writes at a time
}

void PriceList::RaiseAll(int cents) {
  std::unique_lock<std::mutex> guard(lock_);
  changed_.wait(guard, [this] { return readers_ == 0; });
  for (int& price : cents_) price += cents;
}

bool PriceList::LowerTo(int article, int cents) {
  std::unique_lock<std::mutex> guard(lock_);
  changed_.wait(guard, [this] { return readers_ == 0; });
  if (cents_[article] <= cents) return false;
  cents_[article] = cents;
  return true;
}

}  // namespace market
