#include "board.h"

namespace station {

void Board::Announce(const Departure& departure) {
  auto line = std::make_shared<Line>();
  line->departure = departure;
  std::unique_lock guard(lines_lock_);
  lines_.push_back(std::move(line));
}

void Board::Change(int train, int minute, int track) {
  std::shared_lock guard(lines_lock_);
  for (const auto& line : lines_) {
    if (line->departure.train == train) {
      std::lock_guard one(line->lock);
      line->departure.minute = minute;
      line->departure.track = track;
    }
  }
}

void Board::HasLeft(int train) {
  std::unique_lock guard(lines_lock_);
  std::erase_if(lines_, [train](const auto& line) {
    return line->departure.train == train;
  });
}

Departure Board::Find(int train) const {
  std::shared_lock guard(lines_lock_);
  for (const auto& line : lines_) {
    std::lock_guard one(line->lock);
    if (line->departure.train == train) return line->departure;
  }
  return {};
}

std::vector<Departure> Board::All() const {
  std::shared_lock guard(lines_lock_);
  std::vector<Departure> all;
  for (const auto& line : lines_) all.push_back(line->departure);
  return all;
}

}  // namespace station
