#include "shelf.h"

namespace warehouse {

void Shelf::Deliver(int kilos) {
  ++crates_;
  kilos_ += kilos;
}

bool Shelf::Pick(int kilos) {
  if (crates_ == 0 || kilos_ < kilos) return false;
  --crates_;
  kilos_ -= kilos;
  return true;
}

void Shelf::Count(Clerk& clerk) const { clerk.Write(crates_, kilos_); }

}  // namespace warehouse
