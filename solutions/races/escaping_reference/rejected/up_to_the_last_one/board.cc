#include "board.h"

namespace station {

void Board::Announce(const Departure& departure) {
  std::lock_guard<std::mutex> guard(lock_);
  departures_.push_back(departure);
}

void Board::Change(int train, int minute, int track) {
  std::lock_guard<std::mutex> guard(lock_);
  for (size_t i = 0; i <= departures_.size() - 1; ++i) {
    if (departures_[i].train == train) {
      departures_[i].minute = minute;
      departures_[i].track = track;
    }
  }
}

void Board::HasLeft(int train) {
  std::lock_guard<std::mutex> guard(lock_);
  for (size_t i = 0; i <= departures_.size() - 1; ++i) {
    if (departures_[i].train == train) {
      departures_.erase(departures_.begin() + i);
      return;
    }
  }
}

Departure Board::Find(int train) const {
  std::lock_guard<std::mutex> guard(lock_);
  for (size_t i = 0; i <= departures_.size() - 1; ++i) {
    if (departures_[i].train == train) return departures_[i];
  }
  return Departure{};
}

std::vector<Departure> Board::All() const {
  std::lock_guard<std::mutex> guard(lock_);
  return departures_;
}

}  // namespace station
