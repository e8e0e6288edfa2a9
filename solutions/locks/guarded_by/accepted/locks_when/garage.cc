#include "garage.h"

namespace carpark {

void Garage::Enter() {
  mutex_.LockWhen(absl::Condition(this, &Garage::HasPlace));
  --free_;
  UpdateSign();
  mutex_.Unlock();
}

void Garage::Leave() {
  mutex_.Lock();
  ++free_;
  UpdateSign();
  mutex_.Unlock();
}

int Garage::Free() const {
  absl::ReaderMutexLock lock(&mutex_);
  return free_;
}

void Garage::UpdateSign() { sign_.Show(free_); }

}  // namespace carpark
