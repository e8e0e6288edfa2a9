#include "box_office.h"

namespace concert {

bool BoxOffice::Sell() {
  if (sold_out_) return false;  // no need to queue for the lock
  bool was_the_last;
  {
    std::lock_guard<std::mutex> guard(lock_);
    if (seats_left_ == 0) return false;
    --seats_left_;
    was_the_last = seats_left_ == 0;
  }
  if (was_the_last) sold_out_ = true;
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
