#include "rack.h"

namespace bakery {

Rack::Rack(int) {}

void Rack::Put(int loaf) {
  guard_.acquire();
  loaves_.push_back(loaf);
  guard_.release();
  loaves_there_.release();
}

int Rack::Take() {
  loaves_there_.acquire();
  guard_.acquire();
  const int loaf = loaves_.front();
  loaves_.pop_front();
  guard_.release();
  return loaf;
}

}  // namespace bakery
