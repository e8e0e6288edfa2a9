#include "board.h"

namespace station {

void Board::Announce(const Departure& departure) {
  std::lock_guard<std::mutex> guard(lock_);
  departures_.push_back(departure);
}

void Board::Change(int train, int minute, int track) {
  std::vector<Departure> changed = All();
  for (Departure& departure : changed) {
    if (departure.train == train) departure = {train, minute, track};
  }
  std::lock_guard<std::mutex> guard(lock_);
  departures_ = std::move(changed);
}

void Board::HasLeft(int train) {
  std::lock_guard<std::mutex> guard(lock_);
  std::erase_if(departures_,
                [train](const Departure& d) { return d.train == train; });
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
