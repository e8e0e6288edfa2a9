#include "price_list.h"

namespace market {

void PriceList::Read(Reader& reader) const {
  std::shared_lock<std::shared_mutex> guard(lock_);
  for (int article = 0; article < static_cast<int>(cents_.size()); ++article) {
    reader.See(article, cents_[article]);
  }
}

void PriceList::RaiseAll(int cents) {
  std::unique_lock<std::shared_mutex> guard(lock_);
  for (int& price : cents_) price += cents;
}

bool PriceList::LowerTo(int article, int cents) {
  // Alone from the look to the change: with a shared lock somebody else could
  // look at the same price and change it in between.
  std::unique_lock<std::shared_mutex> guard(lock_);
  if (cents_[article] <= cents) return false;
  cents_[article] = cents;
  return true;
}

}  // namespace market
