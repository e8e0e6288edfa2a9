#include "garage.h"

namespace carpark {

void Garage::Enter() {
  while (free_ == 0) {
  }
  const int now = --free_;
  absl::MutexLock lock(&mutex_);
  sign_.Show(now);
}

void Garage::Leave() {
  const int now = ++free_;
  absl::MutexLock lock(&mutex_);
  sign_.Show(now);
}

int Garage::Free() const { return free_; }

}  // namespace carpark
