#include "rack.h"

namespace bakery {

Rack::Rack(int places) : loaves_(places), free_places_(places) {}

void Rack::Put(int loaf) {
  // Bakers exclude bakers only. That no assistant is at the same place is what
  // the two counters say: a place is free, or it has a loaf, never both.
  free_places_.acquire();
  bakers_.acquire();
  loaves_[next_free_] = loaf;
  next_free_ = (next_free_ + 1) % static_cast<int>(loaves_.size());
  bakers_.release();
  loaves_there_.release();
}

int Rack::Take() {
  loaves_there_.acquire();
  assistants_.acquire();
  const int loaf = loaves_[oldest_];
  oldest_ = (oldest_ + 1) % static_cast<int>(loaves_.size());
  assistants_.release();
  free_places_.release();
  return loaf;
}

}  // namespace bakery
