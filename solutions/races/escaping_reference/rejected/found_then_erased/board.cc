#include "board.h"

namespace station {

void Board::Announce(const Departure& departure) {
  std::lock_guard<std::mutex> guard(lock_);
  departures_.push_back(departure);
}

void Board::Change(int train, int minute, int track) {
  std::lock_guard<std::mutex> guard(lock_);
  for (Departure& departure : departures_) {
    if (departure.train == train) {
      departure.minute = minute;
      departure.track = track;
    }
  }
}

void Board::HasLeft(int train) {
  const std::vector<Departure> all = All();
  for (size_t i = 0; i < all.size(); ++i) {
    if (all[i].train != train) continue;
    std::lock_guard<std::mutex> guard(lock_);
    departures_.erase(departures_.begin() + i);
    return;
  }
}

Departure Board::Find(int train) const {
  std::lock_guard<std::mutex> guard(lock_);
  for (const Departure& departure : departures_) {
    if (departure.train == train) return departure;
  }
  return Departure{};
}

std::vector<Departure> Board::All() const {
  std::lock_guard<std::mutex> guard(lock_);
  return departures_;
}

}  // namespace station
