#include "garage.h"

namespace carpark {

void Garage::Enter() {
  {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(this, &Garage::HasPlace));
    --free_;
  }
  UpdateSign();
}

void Garage::Leave() {
  {
    absl::MutexLock lock(&mutex_);
    ++free_;
  }
  UpdateSign();
}

int Garage::Free() const {
  absl::MutexLock lock(&mutex_);
  return free_;
}

void Garage::UpdateSign() {
  absl::MutexLock lock(&mutex_);
  sign_.Show(free_);
}

}  // namespace carpark
