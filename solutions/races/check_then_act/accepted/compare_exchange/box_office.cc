#include "box_office.h"

namespace concert {

bool BoxOffice::Sell() {
  int seats = seats_left_.load();
  // Decide on what was read, and act only if it is still so. A failed exchange
  // loads the newer number.
  while (seats > 0) {
    if (seats_left_.compare_exchange_weak(seats, seats - 1)) return true;
  }
  return false;
}

void BoxOffice::Refund() { ++seats_left_; }

int BoxOffice::SeatsLeft() const { return seats_left_; }

}  // namespace concert
