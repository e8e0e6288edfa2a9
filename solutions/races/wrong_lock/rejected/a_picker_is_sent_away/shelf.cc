#include "shelf.h"

namespace warehouse {

void Shelf::Deliver(int kilos) {
  std::unique_lock guard(lock_);
  cv_.wait(guard, [this] { return clerks_ == 0; });
  ++crates_;
  kilos_ += kilos;
}

bool Shelf::Pick(int kilos) {
  std::lock_guard<std::mutex> guard(lock_);
  if (clerks_ > 0) return false;  // not now
  if (crates_ == 0 || kilos_ < kilos) return false;
  --crates_;
  kilos_ -= kilos;
  return true;
}

void Shelf::Count(Clerk& clerk) const {
  int crates, kilos;
  {
    std::scoped_lock guard(lock_);
    ++clerks_;
    crates = crates_;
    kilos = kilos_;
  }
  clerk.Write(crates, kilos);
  {
    std::scoped_lock guard(lock_);
    --clerks_;
  }
  cv_.notify_all();
}

}  // namespace warehouse
