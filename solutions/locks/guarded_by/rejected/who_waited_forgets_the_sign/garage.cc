#include "garage.h"

namespace carpark {

void Garage::Enter() {
  absl::MutexLock lock(&mutex_);
  if (free_ > 0) {
    --free_;
    UpdateSign();
    return;
  }
  mutex_.Await(absl::Condition(this, &Garage::HasPlace));
  --free_;
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
