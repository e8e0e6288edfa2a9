#include "table.h"

#include <utility>

namespace sushi {

void Table::Dine(int seat) {
  std::size_t first = seat;
  std::size_t second = (seat + 1) % sticks_.size();
  if (second < first) std::swap(first, second);
  waiter_.acquire();
  {
    std::scoped_lock lock(sticks_[first]);
    std::scoped_lock lock2(sticks_[second]);
    meal_.Eat(seat);
  }
  waiter_.release();
}

}  // namespace sushi
