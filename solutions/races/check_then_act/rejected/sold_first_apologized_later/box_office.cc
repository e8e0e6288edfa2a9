#include "box_office.h"

namespace concert {

bool BoxOffice::Sell() {
  if (seats_left_.fetch_sub(1) > 0) return true;
  ++seats_left_;  // there was none: put it back
  return false;
}

void BoxOffice::Refund() { ++seats_left_; }

int BoxOffice::SeatsLeft() const { return seats_left_; }

}  // namespace concert
