#include "shelf.h"

#include <functional>

namespace warehouse {
namespace {

// So many that two shelves hardly ever share one.
std::mutex locks[101];

std::mutex& LockOf(const Shelf* shelf) {
  return locks[std::hash<const Shelf*>()(shelf) % 101];
}

}  // namespace

void Shelf::Deliver(int kilos) {
  std::lock_guard<std::mutex> guard(LockOf(this));
  ++crates_;
  kilos_ += kilos;
}

bool Shelf::Pick(int kilos) {
  std::lock_guard<std::mutex> guard(LockOf(this));
  if (crates_ == 0 || kilos_ < kilos) return false;
  --crates_;
  kilos_ -= kilos;
  return true;
}

void Shelf::Count(Clerk& clerk) const {
  std::lock_guard<std::mutex> guard(LockOf(this));
  clerk.Write(crates_, kilos_);
}

}  // namespace warehouse
