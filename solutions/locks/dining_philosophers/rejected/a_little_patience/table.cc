#include "table.h"

#include <chrono>
#include <thread>

namespace sushi {

void Table::Dine(int seat) {
  std::mutex& left = sticks_[seat];
  std::mutex& right = sticks_[(seat + 1) % sticks_.size()];

  // So that they do not all reach at the same moment.
  std::this_thread::sleep_for(std::chrono::milliseconds(seat));
  std::lock_guard<std::mutex> take_left(left);
  std::lock_guard<std::mutex> take_right(right);
  meal_.Eat(seat);
}

}  // namespace sushi
