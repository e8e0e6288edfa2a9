#include "rack.h"

namespace bakery {

Rack::Rack(int places)
    : loaves_(places),
      batch_(places < 4 ? 1 : places / 2),
      free_places_(places) {}

void Rack::Put(int loaf) {
  free_places_.acquire();
  guard_.acquire();
  loaves_[next_free_] = loaf;
  next_free_ = (next_free_ + 1) % static_cast<int>(loaves_.size());
  guard_.release();
  loaves_there_.release();
}

int Rack::Take() {
  loaves_there_.acquire();
  guard_.acquire();
  const int loaf = loaves_[oldest_];
  oldest_ = (oldest_ + 1) % static_cast<int>(loaves_.size());
  if (++emptied_ == batch_) {  // the bakers are not called for every loaf
    free_places_.release(batch_);
    emptied_ = 0;
  }
  guard_.release();
  return loaf;
}

}  // namespace bakery
