#include "box_office.h"

namespace concert {

bool BoxOffice::Sell() {
  // Refunds may come in meanwhile, but nobody else takes a seat: what we check
  // can only get better.
  std::lock_guard<std::mutex> one_at_a_time(selling_);
  if (SeatsLeft() == 0) return false;
  std::lock_guard<std::mutex> guard(lock_);
  --seats_left_;
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

}  // namespace concert
