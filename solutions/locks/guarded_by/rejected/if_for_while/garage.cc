#include "garage.h"

namespace carpark {

void Garage::Enter() {
  absl::MutexLock lock(&mutex_);
  if (free_ == 0) place_free_.Wait(&mutex_);
  --free_;
  UpdateSign();
}

void Garage::Leave() {
  absl::MutexLock lock(&mutex_);
  ++free_;
  UpdateSign();
  place_free_.Signal();
}

int Garage::Free() const {
  absl::MutexLock lock(&mutex_);
  return free_;
}

void Garage::UpdateSign() { sign_.Show(free_); }

}  // namespace carpark
