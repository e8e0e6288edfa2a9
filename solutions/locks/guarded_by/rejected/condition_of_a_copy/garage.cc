#include "garage.h"

namespace carpark {

void Garage::Enter() {
  absl::MutexLock lock(&mutex_);
  bool has_place = free_ > 0;
  mutex_.Await(absl::Condition(&has_place));
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
