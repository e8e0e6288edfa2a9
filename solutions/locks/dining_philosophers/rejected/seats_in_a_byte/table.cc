#include "table.h"

namespace sushi {

void Table::Dine(int seat) {
  const int left = (seat + seats_ - 1) % seats_;
  const int right = (seat + 1) % seats_;
  std::unique_lock<std::mutex> guard(lock_);
  put_back_.wait(guard, [&] { return !eating_[left] && !eating_[right]; });
  eating_[seat] = true;
  guard.unlock();
  meal_.Eat(seat);
  guard.lock();
  eating_[seat] = false;
  put_back_.notify_all();
}

}  // namespace sushi
