#include "garage.h"

namespace carpark {

void Garage::Enter() {
  absl::MutexLock lock(&mutex_);
  // Lets go of the lock while it waits; when it returns we hold it, and there
  // is a place.
  mutex_.Await(absl::Condition(this, &Garage::HasPlace));
  --free_;
  UpdateSign();
}

void Garage::Leave() {
  absl::MutexLock lock(&mutex_);
  ++free_;
  UpdateSign();
}

int Garage::Free() const {
  absl::MutexLock lock(&mutex_);
  return free_;
}

void Garage::UpdateSign() { sign_.Show(free_); }

}  // namespace carpark
