#include "price_list.h"

#include <utility>

namespace market {

void PriceList::Read(Reader& reader) const {
  // The reader keeps his list alive, even if it is replaced meanwhile.
  const std::shared_ptr<const Cents> list = current_.load();
  for (int article = 0; article < static_cast<int>(list->size()); ++article) {
    reader.See(article, (*list)[article]);
  }
}

void PriceList::RaiseAll(int cents) {
  std::lock_guard<std::mutex> guard(office_);
  Cents next = *current_.load();
  for (int& price : next) price += cents;
  current_.store(std::make_shared<const Cents>(std::move(next)));
}

bool PriceList::LowerTo(int article, int cents) {
  std::shared_ptr<const Cents> seen = current_.load();
  for (;;) {
    if ((*seen)[article] <= cents) return false;
    Cents next = *seen;
    next[article] = cents;
    // Only if it is still the list that we have looked at.
    if (current_.compare_exchange_strong(
            seen, std::make_shared<const Cents>(std::move(next)))) {
      return true;
    }
  }
}

}  // namespace market
