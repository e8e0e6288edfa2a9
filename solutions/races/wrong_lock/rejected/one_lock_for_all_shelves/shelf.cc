#include "shelf.h"

namespace warehouse {
namespace {

std::mutex warehouse_lock;

}  // namespace

void Shelf::Deliver(int kilos) {
  std::lock_guard<std::mutex> guard(warehouse_lock);
  ++crates_;
  kilos_ += kilos;
}

bool Shelf::Pick(int kilos) {
  std::lock_guard<std::mutex> guard(warehouse_lock);
  if (crates_ == 0 || kilos_ < kilos) return false;
  --crates_;
  kilos_ -= kilos;
  return true;
}

void Shelf::Count(Clerk& clerk) const {
  std::lock_guard<std::mutex> guard(warehouse_lock);
  clerk.Write(crates_, kilos_);
}

}  // namespace warehouse
