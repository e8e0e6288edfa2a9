#include "price_list.h"

namespace market {

void PriceList::Read(Reader& reader) const {
  std::shared_lock<std::shared_mutex> guard(lock_);
  for (int article = 0; article < articles_; ++article) {
    reader.See(article, cents_[article]);
  }
}

void PriceList::RaiseAll(int cents) {
  std::unique_lock<std::shared_mutex> guard(lock_);
  for (int article = 0; article < articles_; ++article) {
    cents_[article] += cents;
  }
}

bool PriceList::LowerTo(int article, int cents) {
  std::unique_lock<std::shared_mutex> guard(lock_);
  if (cents_[article] <= cents) return false;
  cents_[article] = cents;
  return true;
}

}  // namespace market
