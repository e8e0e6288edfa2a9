#include "rack.h"

namespace bakery {

Rack::Rack(int places) : loaves_(places), places_(places) {}

void Rack::Put(int loaf) {
  places_.acquire();
  guard_.acquire();
  loaves_[next_free_] = loaf;
  next_free_ = (next_free_ + 1) % static_cast<int>(loaves_.size());
  guard_.release();
  ready_.release();
}

int Rack::Take() {
  ready_.acquire();
  const int loaf = loaves_[oldest_];
  oldest_ = (oldest_ + 1) % static_cast<int>(loaves_.size());
  places_.release();
  return loaf;
}

}  // namespace bakery
