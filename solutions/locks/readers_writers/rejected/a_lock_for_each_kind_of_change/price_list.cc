#include "price_list.h"

#include <utility>

namespace market {

std::shared_ptr<const PriceList::Cents> PriceList::Current() const {
  std::lock_guard<std::mutex> guard(lock_);
  return current_;
}

void PriceList::Publish(Cents cents) {
  auto next = std::make_shared<const Cents>(std::move(cents));
  std::lock_guard<std::mutex> guard(lock_);
  current_.swap(next);
}

void PriceList::Read(Reader& reader) const {
  // The reader keeps his list alive, even if it is replaced meanwhile.
  const std::shared_ptr<const Cents> list = Current();
  for (int article = 0; article < static_cast<int>(list->size()); ++article) {
    reader.See(article, (*list)[article]);
  }
}

void PriceList::RaiseAll(int cents) {
  std::lock_guard<std::mutex> guard(raising_);
  Cents next = *Current();
  for (int& price : next) price += cents;
  Publish(std::move(next));
}

bool PriceList::LowerTo(int article, int cents) {
  std::lock_guard<std::mutex> guard(lowering_);
  Cents next = *Current();
  if (next[article] <= cents) return false;
  next[article] = cents;
  Publish(std::move(next));
  return true;
}

}  // namespace market
