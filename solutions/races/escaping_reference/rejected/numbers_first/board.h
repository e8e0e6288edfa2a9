#ifndef STATION_BOARD_H_
#define STATION_BOARD_H_

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
  std::vector<int> Trains() const;

  mutable std::mutex lock_;
  std::vector<Departure> departures_;  // guarded by lock_
};

}  // namespace station

#endif  // STATION_BOARD_H_
