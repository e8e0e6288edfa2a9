#include "table.h"

namespace sushi {

void Table::Dine(int seat) {
  std::mutex& left = sticks_[seat];
  std::mutex& right = sticks_[(seat + 1) % sticks_.size()];

  std::lock_guard<std::mutex> take_left(left);
  std::unique_lock<std::mutex> take_right(right, std::try_to_lock);
  if (!take_right.owns_lock()) return;  // not tonight
  meal_.Eat(seat);
}

}  // namespace sushi
