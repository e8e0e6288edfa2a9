#include "shelf.h"

namespace warehouse {

void Shelf::Deliver(int kilos) {
  std::lock_guard<std::mutex> guard(lock_);
  ++crates_;
  kilos_ += kilos;
}

bool Shelf::Pick(int kilos) {
  std::lock_guard<std::mutex> guard(lock_);
  if (crates_ == 0 || kilos_ < kilos) return false;
  --crates_;
  kilos_ -= kilos;
  return true;
}

void Shelf::Count(Clerk& clerk) const {
  int crates;
  int kilos;
  {
    std::lock_guard<std::mutex> guard(lock_);
    crates = crates_;
    kilos = kilos_;
  }
  clerk.Write(crates, kilos);
}

}  // namespace warehouse
