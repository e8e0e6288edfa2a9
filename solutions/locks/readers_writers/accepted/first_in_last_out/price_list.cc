#include "price_list.h"

namespace market {

void PriceList::ReaderComes() const {
  // The lock is held while the first reader waits: the others must not go in
  // before him.
  std::lock_guard<std::mutex> guard(counting_);
  if (++readers_ == 1) list_free_.acquire();
}

void PriceList::ReaderGoes() const {
  std::lock_guard<std::mutex> guard(counting_);
  if (--readers_ == 0) list_free_.release();
}

void PriceList::Read(Reader& reader) const {
  ReaderComes();
  for (int article = 0; article < static_cast<int>(cents_.size()); ++article) {
    reader.See(article, cents_[article]);
  }
  ReaderGoes();
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
