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

std::vector<int> Board::Trains() const {
  std::lock_guard<std::mutex> guard(lock_);
  std::vector<int> trains;
  for (const Departure& departure : departures_) {
    trains.push_back(departure.train);
  }
  return trains;
}

std::vector<Departure> Board::All() const {
  std::vector<Departure> all;
  for (const int train : Trains()) all.push_back(Find(train));
  return all;
}

}  // namespace station
