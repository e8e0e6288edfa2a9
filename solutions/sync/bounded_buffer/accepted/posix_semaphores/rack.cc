#include "rack.h"

namespace bakery {

Rack::Rack(int places) : loaves_(places) {
  sem_init(&free_places_, /*pshared=*/0, places);
  sem_init(&loaves_there_, /*pshared=*/0, 0);
  sem_init(&guard_, /*pshared=*/0, 1);
}

Rack::~Rack() {
  sem_destroy(&free_places_);
  sem_destroy(&loaves_there_);
  sem_destroy(&guard_);
}

void Rack::Put(int loaf) {
  sem_wait(&free_places_);
  sem_wait(&guard_);
  loaves_[next_free_] = loaf;
  next_free_ = (next_free_ + 1) % static_cast<int>(loaves_.size());
  sem_post(&guard_);
  sem_post(&loaves_there_);
}

int Rack::Take() {
  sem_wait(&loaves_there_);
  sem_wait(&guard_);
  const int loaf = loaves_[oldest_];
  oldest_ = (oldest_ + 1) % static_cast<int>(loaves_.size());
  sem_post(&guard_);
  sem_post(&free_places_);
  return loaf;
}

}  // namespace bakery
