#include "price_list.h"

namespace market {

void PriceList::Read(Reader& reader) const {
  for (int article = 0; article < static_cast<int>(cents_.size()); ++article) {
    std::shared_lock<std::shared_mutex> guard(locks_[article]);
    reader.See(article, cents_[article]);
  }
}

void PriceList::RaiseAll(int cents) {
  for (int article = 0; article < static_cast<int>(cents_.size()); ++article) {
    std::unique_lock<std::shared_mutex> guard(locks_[article]);
    cents_[article] += cents;
  }
}

bool PriceList::LowerTo(int article, int cents) {
  std::unique_lock<std::shared_mutex> guard(locks_[article]);
  if (cents_[article] <= cents) return false;
  cents_[article] = cents;
  return true;
}

}  // namespace market
