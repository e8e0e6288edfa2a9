#include "table.h"

namespace sushi {

void Table::Dine(int seat) {
  std::mutex& left = sticks_[seat];
  std::mutex& right = sticks_[(seat + 1) % sticks_.size()];
  chairs_.acquire();
  {
    std::lock_guard<std::mutex> take_left(left);
    std::lock_guard<std::mutex> take_right(right);
    meal_.Eat(seat);
  }
  chairs_.release();
}

}  // namespace sushi
