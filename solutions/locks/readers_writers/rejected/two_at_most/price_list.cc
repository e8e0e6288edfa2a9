#include "price_list.h"

namespace market {

void PriceList::Read(Reader& reader) const {
  permits_.acquire();
  for (int i = 0; i < static_cast<int>(cents_.size()); ++i) {
    reader.See(i, cents_[i]);
  }
  permits_.release();
}

void PriceList::RaiseAll(int cents) {
  std::lock_guard<std::mutex> one(writers_);
  for (int i = 0; i < kReaders; ++i) permits_.acquire();
  for (int& price : cents_) price += cents;
  permits_.release(kReaders);
}

bool PriceList::LowerTo(int article, int cents) {
  std::lock_guard<std::mutex> one(writers_);
  if (cents_[article] <= cents) return false;  // only writers write
  for (int i = 0; i < kReaders; ++i) permits_.acquire();
  cents_[article] = cents;
  permits_.release(kReaders);
  return true;
}

}  // namespace market
