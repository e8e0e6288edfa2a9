#include "shelf.h"

namespace warehouse {

void Shelf::Deliver(int kilos) {
  {
    std::lock_guard<std::mutex> guard(crates_lock_);
    ++crates_;
  }
  std::lock_guard<std::mutex> guard(kilos_lock_);
  kilos_ += kilos;
}

bool Shelf::Pick(int kilos) {
  std::lock_guard<std::mutex> hold_crates(crates_lock_);
  std::lock_guard<std::mutex> hold_kilos(kilos_lock_);
  if (crates_ == 0 || kilos_ < kilos) return false;
  --crates_;
  kilos_ -= kilos;
  return true;
}

void Shelf::Count(Clerk& clerk) const {
  std::lock_guard<std::mutex> hold_crates(crates_lock_);
  std::lock_guard<std::mutex> hold_kilos(kilos_lock_);
  clerk.Write(crates_, kilos_);
}

}  // namespace warehouse
