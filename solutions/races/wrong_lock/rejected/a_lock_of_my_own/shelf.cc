#include "shelf.h"

namespace warehouse {
namespace {

// Not shared, so that nobody waits for another shelf.
thread_local std::mutex lock_of_my_own;

}  // namespace

void Shelf::Deliver(int kilos) {
  std::lock_guard<std::mutex> guard(lock_of_my_own);
  ++crates_;
  kilos_ += kilos;
}

bool Shelf::Pick(int kilos) {
  std::lock_guard<std::mutex> guard(lock_of_my_own);
  if (crates_ == 0 || kilos_ < kilos) return false;
  --crates_;
  kilos_ -= kilos;
  return true;
}

void Shelf::Count(Clerk& clerk) const {
  std::lock_guard<std::mutex> guard(lock_of_my_own);
  clerk.Write(crates_, kilos_);
}

}  // namespace warehouse
