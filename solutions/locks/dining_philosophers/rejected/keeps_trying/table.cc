#include "table.h"

namespace sushi {

void Table::Dine(int seat) {
  std::mutex& left = sticks_[seat];
  std::mutex& right = sticks_[(seat + 1) % sticks_.size()];

  std::lock_guard<std::mutex> take_left(left);
  while (!right.try_lock()) {
    // Never blocked, always trying.
  }
  std::lock_guard<std::mutex> take_right(right, std::adopt_lock);
  meal_.Eat(seat);
}

}  // namespace sushi
