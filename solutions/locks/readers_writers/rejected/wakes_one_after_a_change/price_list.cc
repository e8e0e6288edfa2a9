#include "price_list.h"

namespace market {

void PriceList::Read(Reader& reader) const {
  {
    std::unique_lock lock(lock_);
    changed_.wait(lock, [this] { return !writing_; });
    ++readers_;
  }
  int article = 0;
  for (const int price : cents_) reader.See(article++, price);
  EndReading();
}

void PriceList::EndReading() const {
  std::unique_lock lock(lock_);
  if (--readers_ == 0) changed_.notify_one();
}

void PriceList::RaiseAll(int cents) {
  std::unique_lock lock(lock_);
  changed_.wait(lock, [this] { return !writing_ && readers_ == 0; });
  writing_ = true;
  lock.unlock();
  for (int& price : cents_) price += cents;
  lock.lock();
  writing_ = false;
  changed_.notify_one();
}

bool PriceList::LowerTo(int article, int cents) {
  std::unique_lock lock(lock_);
  changed_.wait(lock, [this] { return !writing_ && readers_ == 0; });
  writing_ = true;
  lock.unlock();
  const bool dearer = cents_[article] > cents;
  if (dearer) cents_[article] = cents;
  lock.lock();
  writing_ = false;
  changed_.notify_one();
  return dearer;
}

}  // namespace market
