#include "shelf.h"

namespace warehouse {

void Shelf::Deliver(int kilos) {
  std::scoped_lock guard(writing_, picking_);
  ++crates_;
  kilos_ += kilos;
}

bool Shelf::Pick(int kilos) {
  std::lock_guard<std::mutex> guard(picking_);
  if (crates_ == 0 || kilos_ < kilos) return false;
  --crates_;
  kilos_ -= kilos;
  return true;
}

void Shelf::Count(Clerk& clerk) const {
  std::lock_guard<std::mutex> guard(writing_);
  clerk.Write(crates_, kilos_);
}

}  // namespace warehouse
