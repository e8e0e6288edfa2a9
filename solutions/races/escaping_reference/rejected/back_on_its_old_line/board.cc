#include "board.h"

namespace station {

void Board::Announce(const Departure& departure) {
  std::lock_guard<std::mutex> guard(lock_);
  for (Line& line : lines_) {
    if (line.departure.train == departure.train) {  // comes every day
      line = {departure, false};
      return;
    }
  }
  lines_.push_back({departure, false});
}

void Board::Change(int train, int minute, int track) {
  std::lock_guard<std::mutex> guard(lock_);
  for (Line& line : lines_) {
    if (line.departure.train == train && !line.has_left) {
      line.departure.minute = minute;
      line.departure.track = track;
    }
  }
}

void Board::HasLeft(int train) {
  std::lock_guard<std::mutex> guard(lock_);
  for (Line& line : lines_) {
    if (line.departure.train == train) line.has_left = true;
  }
}

Departure Board::Find(int train) const {
  std::lock_guard<std::mutex> guard(lock_);
  for (const Line& line : lines_) {
    if (line.departure.train == train && !line.has_left) return line.departure;
  }
  return Departure{};
}

std::vector<Departure> Board::All() const {
  std::lock_guard<std::mutex> guard(lock_);
  std::vector<Departure> all;
  for (const Line& line : lines_) {
    if (!line.has_left) all.push_back(line.departure);
  }
  return all;
}

}  // namespace station
