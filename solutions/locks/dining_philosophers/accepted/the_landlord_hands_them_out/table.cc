#include "table.h"

namespace sushi {

void Table::Dine(int seat) {
  std::unique_lock<std::mutex> host(host_);
  std::unique_lock<std::mutex> left(sticks_[seat]);
  std::unique_lock<std::mutex> right(sticks_[(seat + 1) % sticks_.size()]);
  host.unlock();
  meal_.Eat(seat);
}

}  // namespace sushi
