#include "board.h"

#include <utility>

namespace station {

std::shared_ptr<const Board::List> Board::Current() const {
  std::lock_guard<std::mutex> guard(lock_);
  return current_;
}

void Board::Show(List list) {
  auto next = std::make_shared<const List>(std::move(list));
  std::lock_guard<std::mutex> guard(lock_);
  current_.swap(next);
}

void Board::Announce(const Departure& departure) {
  std::lock_guard<std::mutex> guard(dispatching_);
  List list = *Current();
  list.push_back(departure);
  Show(std::move(list));
}

void Board::Change(int train, int minute, int track) {
  std::lock_guard<std::mutex> guard(dispatching_);
  List list = *Current();
  for (Departure& departure : list) {
    if (departure.train == train) departure = {train, minute, track};
  }
  Show(std::move(list));
}

void Board::HasLeft(int train) {
  std::lock_guard<std::mutex> guard(dispatching_);
  List list = *Current();
  std::erase_if(list, [train](const Departure& d) { return d.train == train; });
  Show(std::move(list));
}

Departure Board::Find(int train) const {
  const std::shared_ptr<const List> list = Current();
  for (const Departure& departure : *list) {
    if (departure.train == train) return departure;
  }
  return Departure{};
}

// Copied without any lock: the shared_ptr keeps this list alive, and nobody
// changes it.
std::vector<Departure> Board::All() const {
  const std::shared_ptr<const List> list = Current();
  return *list;
}

}  // namespace station
