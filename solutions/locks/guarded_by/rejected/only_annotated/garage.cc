#include "garage.h"

namespace carpark {

void Garage::Enter() {
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(this, &Garage::HasPlace));
  --free_;
  UpdateSign();
}

void Garage::Leave() {
  absl::MutexLock lock(&mutex_);
  ++free_;
  UpdateSign();
}

int Garage::Free() const { return free_; }

void Garage::UpdateSign() { sign_.Show(free_); }

}  // namespace carpark
