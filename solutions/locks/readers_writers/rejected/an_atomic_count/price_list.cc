#include "price_list.h"

namespace market {

void PriceList::Read(Reader& reader) const {
  if (readers_.fetch_add(1) == 0) list_free_.acquire();
  for (int article = 0; article < static_cast<int>(cents_.size()); ++article) {
    reader.See(article, cents_[article]);
  }
  if (readers_.fetch_sub(1) == 1) list_free_.release();
}

void PriceList::RaiseAll(int cents) {
  list_free_.acquire();
  for (int& price : cents_) price += cents;
  list_free_.release();
}

bool PriceList::LowerTo(int article, int cents) {
  list_free_.acquire();
  const bool dearer = cents_[article] > cents;
  if (dearer) cents_[article] = cents;
  list_free_.release();
  return dearer;
}

}  // namespace market
