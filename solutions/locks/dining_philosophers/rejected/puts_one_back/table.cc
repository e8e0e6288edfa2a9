#include "table.h"

namespace sushi {

void Table::Dine(int seat) {
  std::mutex& left = sticks_[seat];
  std::mutex& right = sticks_[(seat + 1) % sticks_.size()];

  // Never more than one stick at a time, so nobody blocks anybody.
  {
    std::lock_guard<std::mutex> take_left(left);
  }
  std::lock_guard<std::mutex> take_right(right);
  meal_.Eat(seat);
}

}  // namespace sushi
