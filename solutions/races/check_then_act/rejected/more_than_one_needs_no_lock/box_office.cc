#include "box_office.h"

namespace concert {

bool BoxOffice::Sell() {
  // Only the last seat is in dispute: where there are more, take one.
  if (seats_left_ > 1) {
    --seats_left_;
    return true;
  }
  std::lock_guard<std::mutex> guard(lock_);
  if (seats_left_ == 0) return false;
  --seats_left_;
  return true;
}

void BoxOffice::Refund() { ++seats_left_; }

int BoxOffice::SeatsLeft() const { return seats_left_; }

}  // namespace concert
