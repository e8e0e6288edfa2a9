#include "rack.h"

namespace bakery {

Rack::Rack(int places) : loaves_(places) {}

void Rack::Put(int loaf) {
  guard_.acquire();
  if (count_ == static_cast<int>(loaves_.size())) {
    guard_.release();
    place_became_free_.acquire();
    guard_.acquire();
  }
  loaves_[next_free_] = loaf;
  next_free_ = (next_free_ + 1) % static_cast<int>(loaves_.size());
  if (++count_ == 1) loaf_came_.release();
  guard_.release();
}

int Rack::Take() {
  guard_.acquire();
  if (count_ == 0) {
    guard_.release();
    loaf_came_.acquire();
    guard_.acquire();
  }
  const int loaf = loaves_[oldest_];
  oldest_ = (oldest_ + 1) % static_cast<int>(loaves_.size());
  if (count_-- == static_cast<int>(loaves_.size())) {
    place_became_free_.release();
  }
  guard_.release();
  return loaf;
}

}  // namespace bakery
