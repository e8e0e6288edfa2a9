#include "box_office.h"

namespace concert {

bool BoxOffice::Sell() {
  std::unique_lock<std::mutex> guard(lock_, std::try_to_lock);
  if (!guard.owns_lock()) return false;  // somebody else is buying
  if (seats_left_ == 0) return false;
  --seats_left_;
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

void BoxOffice::TakeSeat() { --seats_left_; }

}  // namespace concert
