#include "box_office.h"

namespace concert {

bool BoxOffice::Sell() {
  // One guard over the check and the act: what we read stays true until we have
  // acted on it, because nobody can write without the lock.
  std::lock_guard<std::mutex> guard(lock_);
  if (seats_left_ == 0) return false;
  --seats_left_;
  return true;
}

void BoxOffice::Refund() {
  std::lock_guard<std::mutex> guard(lock_);
  ++seats_left_;
}

int BoxOffice::SeatsLeft() const { return seats_left_; }

}  // namespace concert
