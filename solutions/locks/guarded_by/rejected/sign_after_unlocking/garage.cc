#include "garage.h"

namespace carpark {

void Garage::Enter() {
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(this, &Garage::HasPlace));
  --free_;
  UpdateSign();
}

void Garage::Leave() {
  mutex_.Lock();
  ++free_;
  mutex_.Unlock();
  UpdateSign();  // the sign is slow, so do not keep the others waiting
}

int Garage::Free() const {
  absl::MutexLock lock(&mutex_);
  return free_;
}

void Garage::UpdateSign() { sign_.Show(free_); }

}  // namespace carpark
