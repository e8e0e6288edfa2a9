#include "table.h"

#include <semaphore>

namespace sushi {

void Table::Dine(int seat) {
  // One chair stays empty.
  static std::counting_semaphore<> chairs(
      static_cast<std::ptrdiff_t>(sticks_.size()) - 1);
  chairs.acquire();
  {
    std::lock_guard<std::mutex> take_left(sticks_[seat]);
    std::lock_guard<std::mutex> take_right(
        sticks_[(seat + 1) % sticks_.size()]);
    meal_.Eat(seat);
  }
  chairs.release();
}

}  // namespace sushi
