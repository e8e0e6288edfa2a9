#include "rack.h"

namespace bakery {

Rack::Rack(int places) : loaves_(places), free_places_(places) {}

void Rack::Put(int loaf) {
  free_places_.acquire();
  loaves_there_.release();
  bakers_.acquire();
  loaves_[next_free_] = loaf;
  next_free_ = (next_free_ + 1) % static_cast<int>(loaves_.size());
  bakers_.release();
}

int Rack::Take() {
  loaves_there_.acquire();
  free_places_.release();
  assistants_.acquire();
  const int loaf = loaves_[oldest_];
  oldest_ = (oldest_ + 1) % static_cast<int>(loaves_.size());
  assistants_.release();
  return loaf;
}

}  // namespace bakery
