#include "table.h"

namespace sushi {

void Table::Dine(int seat) {
  std::mutex& left = sticks_[seat];
  std::mutex& right = sticks_[(seat + 1) % sticks_.size()];

  std::scoped_lock take_both(left, right);
  meal_.Eat(seat);
}

}  // namespace sushi
