#include "box_office.h"

namespace concert {

bool BoxOffice::Sell() {
  std::lock_guard<std::mutex> guard(lock_);
  if (seats_ - sold_ + back_ == 0) return false;
  ++sold_;
  return true;
}

void BoxOffice::Refund() {
  // Nobody else writes it.
  back_ = back_ + 1;
}

int BoxOffice::SeatsLeft() const {
  std::lock_guard<std::mutex> guard(lock_);
  return seats_ - sold_ + back_;
}

}  // namespace concert
