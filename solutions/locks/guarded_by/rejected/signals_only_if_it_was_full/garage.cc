#include "garage.h"

namespace carpark {

void Garage::Enter() {
  absl::MutexLock lock(&mutex_);
  while (free_ == 0) place_free_.Wait(&mutex_);
  --free_;
  UpdateSign();
}

void Garage::Leave() {
  absl::MutexLock lock(&mutex_);
  ++free_;
  UpdateSign();
  // Somebody can only be waiting if it was full.
  if (free_ == 1) place_free_.Signal();
}

int Garage::Free() const {
  absl::ReaderMutexLock lock(&mutex_);
  return free_;
}

void Garage::UpdateSign() { sign_.Show(free_); }

}  // namespace carpark
