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
  std::shared_lock<std::shared_mutex> looking(lock_);
  if (cents_[article] <= cents) return false;
  std::unique_lock<std::shared_mutex> changing(lock_);
  cents_[article] = cents;
  return true;
}

}  // namespace market
