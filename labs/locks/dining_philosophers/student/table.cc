#include "table.h"

namespace sushi {

void Table::Dine(int seat) {
  std::mutex& left = sticks_[seat];
  std::mutex& right = sticks_[(seat + 1) % sticks_.size()];

  // TODO: one evening all guests were found starved, a stick in each left hand.
  std::lock_guard<std::mutex> take_left(left);
  std::lock_guard<std::mutex> take_right(right);
  meal_.Eat(seat);
}

}  // namespace sushi
