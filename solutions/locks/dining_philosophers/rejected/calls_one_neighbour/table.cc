#include "table.h"

namespace sushi {

bool Table::TryToEat(int seat) {
  const int left = (seat + seats_ - 1) % seats_;
  const int right = (seat + 1) % seats_;
  if (states_[seat] != State::kHungry || states_[left] == State::kEating ||
      states_[right] == State::kEating) {
    return false;
  }
  states_[seat] = State::kEating;
  called_[seat].notify_one();
  return true;
}

void Table::Dine(int seat) {
  std::unique_lock<std::mutex> lock(lock_);
  states_[seat] = State::kHungry;
  TryToEat(seat);
  called_[seat].wait(lock, [&] { return states_[seat] == State::kEating; });
  lock.unlock();
  meal_.Eat(seat);
  lock.lock();
  states_[seat] = State::kThinking;
  if (!TryToEat((seat + seats_ - 1) % seats_)) TryToEat((seat + 1) % seats_);
}

}  // namespace sushi
