#include "shelf.h"

namespace warehouse {

void Shelf::Deliver(int kilos) {
  std::lock_guard guard(room_);
  ++crates_;
  kilos_ += kilos;
}

bool Shelf::Pick(int kilos) {
  std::lock_guard guard(room_);
  if (crates_ == 0 || kilos_ < kilos) return false;
  --crates_;
  kilos_ -= kilos;
  return true;
}

void Shelf::Count(Clerk& clerk) const {
  {
    std::lock_guard guard(clerks_lock_);
    if (++clerks_ == 1) room_.lock();
  }
  clerk.Write(crates_, kilos_);
  {
    std::lock_guard guard(clerks_lock_);
    if (--clerks_ == 0) room_.unlock();
  }
}

}  // namespace warehouse
