#include "box_office.h"

namespace concert {

bool BoxOffice::Sell() {
  int left = seats_left_;
  for (int attempt = 0; attempt < 2; ++attempt) {
    if (left == 0) return false;
    if (seats_left_.compare_exchange_strong(left, left - 1)) return true;
  }
  return false;
}

void BoxOffice::Refund() { ++seats_left_; }

int BoxOffice::SeatsLeft() const { return seats_left_; }

}  // namespace concert
