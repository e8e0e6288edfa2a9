#include "shelf.h"

#include <mutex>
#include <shared_mutex>

namespace warehouse {
namespace {

std::shared_mutex shelves;

}  // namespace

void Shelf::Deliver(int kilos) {
  std::lock_guard<std::shared_mutex> guard(shelves);
  ++crates_;
  kilos_ += kilos;
}

bool Shelf::Pick(int kilos) {
  std::lock_guard<std::shared_mutex> guard(shelves);
  if (crates_ == 0 || kilos_ < kilos) return false;
  --crates_;
  kilos_ -= kilos;
  return true;
}

void Shelf::Count(Clerk& clerk) const {
  std::shared_lock<std::shared_mutex> guard(shelves);
  clerk.Write(crates_, kilos_);
}

}  // namespace warehouse
