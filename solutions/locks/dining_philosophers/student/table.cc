#include "table.h"

#include <algorithm>

namespace sushi {

void Table::Dine(int seat) {
  const int left = seat;
  const int right = (seat + 1) % static_cast<int>(sticks_.size());

  // Everybody reaches for the stick with the lower number first. For all but
  // one guest that is the left one. Who waits for a stick holds only lower
  // ones, so the waiting cannot go round the table.
  std::lock_guard<std::mutex> take_first(sticks_[std::min(left, right)]);
  std::lock_guard<std::mutex> take_second(sticks_[std::max(left, right)]);
  meal_.Eat(seat);
}

}  // namespace sushi
