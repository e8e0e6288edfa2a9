#include "box_office.h"

namespace concert {

bool BoxOffice::Sell() {
  std::lock_guard<std::mutex> guard(lock_);
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
