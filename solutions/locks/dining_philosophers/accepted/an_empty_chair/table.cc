#include "table.h"

namespace sushi {

void Table::Dine(int seat) {
  std::mutex& left = sticks_[seat];
  std::mutex& right = sticks_[(seat + 1) % sticks_.size()];

  // Of all who sit, one at least has nobody on his right: he gets both sticks,
  // eats and goes, and so does his neighbour after him.
  chairs_.acquire();
  {
    std::lock_guard<std::mutex> take_left(left);
    std::lock_guard<std::mutex> take_right(right);
    meal_.Eat(seat);
  }
  chairs_.release();
}

}  // namespace sushi
