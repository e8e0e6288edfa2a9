#include "shelf.h"

namespace warehouse {
namespace {

std::mutex counting;

}  // namespace

// TODO: there is a lock in every function. Are they the right ones?

void Shelf::Deliver(int kilos) {
  std::lock_guard<std::mutex> guard(delivering_);
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
  std::lock_guard<std::mutex> guard(counting);
  clerk.Write(crates_, kilos_);
}

}  // namespace warehouse
