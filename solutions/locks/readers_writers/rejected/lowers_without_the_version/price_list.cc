#include "price_list.h"

namespace market {

void PriceList::Read(Reader& reader) const {
  std::vector<int> copy(cents_.size());
  for (;;) {
    const unsigned before = version_.load();
    if (before % 2 != 0) {
      version_.wait(before);
      continue;
    }
    for (std::size_t i = 0; i < copy.size(); ++i) copy[i] = cents_[i].load();
    if (version_.load() == before) break;
  }
  for (std::size_t i = 0; i < copy.size(); ++i) {
    reader.See(static_cast<int>(i), copy[i]);
  }
}

void PriceList::RaiseAll(int cents) {
  std::lock_guard lock(office_);
  ++version_;
  for (auto& price : cents_) price += cents;
  ++version_;
  version_.notify_all();
}

bool PriceList::LowerTo(int article, int cents) {
  std::lock_guard lock(office_);
  if (cents_[article] <= cents) return false;
  cents_[article] = cents;  // one price: one step
  return true;
}

}  // namespace market
