#include "board.h"

#include <algorithm>

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
  std::lock_guard<std::mutex> guard(lock_);
  std::erase_if(departures_,
                [train](const Departure& d) { return d.train == train; });
}

Departure Board::Find(int train) const {
  std::vector<Departure>::const_iterator found;
  {
    std::lock_guard<std::mutex> guard(lock_);
    found =
        std::find_if(departures_.begin(), departures_.end(),
                     [train](const Departure& d) { return d.train == train; });
    if (found == departures_.end()) return Departure{};
  }
  return *found;
}

std::vector<Departure> Board::All() const {
  std::lock_guard<std::mutex> guard(lock_);
  return departures_;
}

}  // namespace station
