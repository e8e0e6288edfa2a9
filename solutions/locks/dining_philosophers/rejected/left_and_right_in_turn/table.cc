#include "table.h"

#include <utility>

namespace sushi {

void Table::Dine(int seat) {
  int first = seat;
  int second = (seat + 1) % static_cast<int>(sticks_.size());
  // Every other guest who comes reaches for his right stick first.
  if (arrivals_.fetch_add(1) % 2 == 1) std::swap(first, second);

  std::lock_guard<std::mutex> take_first(sticks_[first]);
  std::lock_guard<std::mutex> take_second(sticks_[second]);
  meal_.Eat(seat);
}

}  // namespace sushi
