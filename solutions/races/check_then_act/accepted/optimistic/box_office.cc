#include "box_office.h"

namespace concert {

bool BoxOffice::Sell() {
  for (;;) {
    int seats;
    unsigned seen;
    {
      std::lock_guard<std::mutex> guard(lock_);
      seats = seats_left_;
      seen = changes_;
    }
    if (seats == 0) return false;
    // A longer decision could stand here, without keeping the others waiting.
    std::lock_guard<std::mutex> guard(lock_);
    if (changes_ != seen) continue;  // it rests on old news: decide again
    --seats_left_;
    ++changes_;
    return true;
  }
}

void BoxOffice::Refund() {
  std::lock_guard<std::mutex> guard(lock_);
  ++seats_left_;
  ++changes_;
}

int BoxOffice::SeatsLeft() const {
  std::lock_guard<std::mutex> guard(lock_);
  return seats_left_;
}

}  // namespace concert
