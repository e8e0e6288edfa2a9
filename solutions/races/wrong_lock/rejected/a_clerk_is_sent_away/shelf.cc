#include "shelf.h"

namespace warehouse {

void Shelf::Deliver(int kilos) {
  std::lock_guard guard(lock_);
  ++crates_;
  kilos_ += kilos;
}

bool Shelf::Pick(int kilos) {
  std::lock_guard guard(lock_);
  if (crates_ == 0 || kilos_ < kilos) return false;
  --crates_;
  kilos_ -= kilos;
  return true;
}

void Shelf::Count(Clerk& clerk) const {
  std::unique_lock guard(lock_, std::try_to_lock);
  if (!guard) return;  // a lorry is there: count it later
  clerk.Write(crates_, kilos_);
}

}  // namespace warehouse
