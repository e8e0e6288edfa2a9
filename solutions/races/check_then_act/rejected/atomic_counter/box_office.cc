#include "box_office.h"

namespace concert {

bool BoxOffice::Sell() {
  if (seats_left_ == 0) return false;
  --seats_left_;
  return true;
}

void BoxOffice::Refund() { ++seats_left_; }

int BoxOffice::SeatsLeft() const { return seats_left_; }

}  // namespace concert
