#include "box_office.h"

namespace concert {

bool BoxOffice::Sell() {
  std::lock_guard<std::mutex> guard(lock_);
  seats_left_ += back_.exchange(0);
  if (seats_left_ == 0) return false;
  --seats_left_;
  return true;
}

void BoxOffice::Refund() { ++back_; }

int BoxOffice::SeatsLeft() const {
  const int back = back_;
  std::lock_guard<std::mutex> guard(lock_);
  return seats_left_ + back;
}

}  // namespace concert
