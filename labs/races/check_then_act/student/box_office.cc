#include "box_office.h"

namespace concert {

// TODO: every access to seats_left_ is locked, and still the hall is
// overbooked.

bool BoxOffice::Sell() {
  if (SeatsLeft() == 0) return false;
  TakeSeat();
  return true;
}

void BoxOffice::Refund() {
  std::lock_guard<std::mutex> guard(lock_);
  ++seats_left_;
}

int BoxOffice::SeatsLeft() const {
  std::lock_guard<std::mutex> guard(lock_);
  return seats_left_;
}

void BoxOffice::TakeSeat() {
  std::lock_guard<std::mutex> guard(lock_);
  --seats_left_;
}

}  // namespace concert
