#include "table.h"

namespace sushi {

void Table::Dine(int seat) {
  const int left = seat;
  const int right = (seat + 1) % static_cast<int>(taken_.size());
  {
    // Both or none: nobody holds one stick while he waits for another.
    std::unique_lock<std::mutex> guard(lock_);
    put_back_.wait(guard, [&] { return !taken_[left] && !taken_[right]; });
    taken_[left] = taken_[right] = true;
  }
  meal_.Eat(seat);
  {
    std::lock_guard<std::mutex> guard(lock_);
    taken_[left] = taken_[right] = false;
  }
  put_back_.notify_all();  // both neighbours may be waiting
}

}  // namespace sushi
