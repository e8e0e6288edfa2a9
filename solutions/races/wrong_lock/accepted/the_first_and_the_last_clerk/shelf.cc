#include "shelf.h"

namespace warehouse {

void Shelf::Deliver(int kilos) {
  place_.acquire();
  ++crates_;
  kilos_ += kilos;
  place_.release();
}

bool Shelf::Pick(int kilos) {
  place_.acquire();
  const bool there = crates_ > 0 && kilos_ >= kilos;
  if (there) {
    --crates_;
    kilos_ -= kilos;
  }
  place_.release();
  return there;
}

void Shelf::Count(Clerk& clerk) const {
  {
    // Who comes second waits here until the first has got the place.
    std::lock_guard guard(clerks_lock_);
    if (++clerks_ == 1) place_.acquire();
  }
  clerk.Write(crates_, kilos_);
  {
    std::lock_guard guard(clerks_lock_);
    if (--clerks_ == 0) place_.release();
  }
}

}  // namespace warehouse
