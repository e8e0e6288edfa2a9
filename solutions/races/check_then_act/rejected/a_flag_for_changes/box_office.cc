#include "box_office.h"

namespace concert {

bool BoxOffice::Sell() {
  for (;;) {
    {
      std::lock_guard<std::mutex> guard(lock_);
      changed_ = false;
      if (seats_left_ == 0) return false;
    }
    // A longer decision could stand here, without keeping the others waiting.
    std::lock_guard<std::mutex> guard(lock_);
    if (changed_) continue;  // it rests on old news: decide again
    --seats_left_;
    changed_ = true;
    return true;
  }
}

void BoxOffice::Refund() {
  std::lock_guard<std::mutex> guard(lock_);
  ++seats_left_;
  changed_ = true;
}

int BoxOffice::SeatsLeft() const {
  std::lock_guard<std::mutex> guard(lock_);
  return seats_left_;
}

}  // namespace concert
