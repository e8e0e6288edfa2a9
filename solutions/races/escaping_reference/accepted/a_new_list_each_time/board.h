#ifndef STATION_BOARD_H_
#define STATION_BOARD_H_

#include <memory>
#include <mutex>
#include <vector>

namespace station {

struct Departure {
  int train = 0;  // number; 0 is no train
  int minute = 0;
  int track = 0;
};

class Board {
 public:
  // Adds a train. Its number is not on the board yet.
  void Announce(const Departure& departure);

  // Changes minute and track of a train that is on the board.
  void Change(int train, int minute, int track);

  // Takes the train off the board, if it is there.
  void HasLeft(int train);

  // The departure of this train, or Departure{} if it is not on the board.
  Departure Find(int train) const;

  // All departures, in the order in which they were announced.
  std::vector<Departure> All() const;

 private:
  using List = std::vector<Departure>;
  std::shared_ptr<const List> Current() const;
  void Show(List list);

  std::mutex dispatching_;  // held by whoever makes a new list
  mutable std::mutex lock_;
  // A list is never changed once it is here; another one takes its place.
  std::shared_ptr<const List> current_ =
      std::make_shared<const List>();  // guarded by lock_
};

}  // namespace station

#endif  // STATION_BOARD_H_
