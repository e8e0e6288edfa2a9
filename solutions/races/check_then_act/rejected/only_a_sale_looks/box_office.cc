#include "box_office.h"

namespace concert {

bool BoxOffice::Sell() {
  std::lock_guard<std::mutex> guard(lock_);
  if (sold_out_) return false;
  --seats_left_;
  sold_out_ = seats_left_ == 0;
  return true;
}

void BoxOffice::Refund() {
  std::lock_guard<std::mutex> guard(lock_);
  ++seats_left_;
  sold_out_ = false;
}

int BoxOffice::SeatsLeft() const {
  std::lock_guard<std::mutex> guard(lock_);
  return seats_left_;
}

}  // namespace concert
