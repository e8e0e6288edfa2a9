#include "board.h"

namespace station {

void Board::Announce(const Departure& departure) {
  std::lock_guard<std::mutex> guard(lock_);
  departures_.push_back(std::make_shared<Departure>(departure));
}

void Board::Change(int train, int minute, int track) {
  std::lock_guard<std::mutex> guard(lock_);
  for (const auto& departure : departures_) {
    if (departure->train == train) {
      departure->minute = minute;
      departure->track = track;
    }
  }
}

void Board::HasLeft(int train) {
  std::lock_guard<std::mutex> guard(lock_);
  std::erase_if(departures_,
                [train](const auto& d) { return d->train == train; });
}

Answer Board::Find(int train) const {
  std::lock_guard<std::mutex> guard(lock_);
  for (const auto& departure : departures_) {
    if (departure->train == train) return {departure};
  }
  return {std::make_shared<Departure>()};
}

std::vector<Departure> Board::All() const {
  std::lock_guard<std::mutex> guard(lock_);
  std::vector<Departure> all;
  for (const auto& departure : departures_) all.push_back(*departure);
  return all;
}

}  // namespace station
