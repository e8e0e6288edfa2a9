#include "table.h"

namespace sushi {

void Table::Dine(int seat) {
  // One guest at a time may reach for sticks.
  static std::mutex host;
  std::unique_lock<std::mutex> asks(host);
  std::unique_lock<std::mutex> left(sticks_[seat]);
  std::unique_lock<std::mutex> right(sticks_[(seat + 1) % sticks_.size()]);
  asks.unlock();
  meal_.Eat(seat);
}

}  // namespace sushi
