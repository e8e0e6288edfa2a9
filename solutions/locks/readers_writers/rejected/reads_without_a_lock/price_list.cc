#include "price_list.h"

namespace market {

void PriceList::Read(Reader& reader) const {
  for (int article = 0; article < static_cast<int>(cents_.size()); ++article) {
    reader.See(article, cents_[article]);
  }
}

void PriceList::RaiseAll(int cents) {
  std::lock_guard<std::mutex> guard(lock_);
  for (int& price : cents_) price += cents;
}

bool PriceList::LowerTo(int article, int cents) {
  std::lock_guard<std::mutex> guard(lock_);
  if (cents_[article] <= cents) return false;
  cents_[article] = cents;
  return true;
}

}  // namespace market
