#include "board.h"

namespace station {

void Board::Announce(const Departure& departure) {
  std::unique_lock<std::shared_mutex> guard(lock_);
  departures_.push_back(departure);
}

void Board::Change(int train, int minute, int track) {
  // The list stays as it is.
  std::shared_lock<std::shared_mutex> guard(lock_);
  for (Departure& departure : departures_) {
    if (departure.train == train) {
      departure.minute = minute;
      departure.track = track;
    }
  }
}

void Board::HasLeft(int train) {
  std::unique_lock<std::shared_mutex> guard(lock_);
  std::erase_if(departures_,
                [train](const Departure& d) { return d.train == train; });
}

Departure Board::Find(int train) const {
  std::shared_lock<std::shared_mutex> guard(lock_);
  for (const Departure& departure : departures_) {
    if (departure.train == train) return departure;
  }
  return Departure{};
}

std::vector<Departure> Board::All() const {
  std::shared_lock<std::shared_mutex> guard(lock_);
  return departures_;
}

}  // namespace station
