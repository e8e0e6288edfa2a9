// The departures board of a railway station. The dispatcher announces trains
// and changes them; screens, loudspeakers and phones ask.
//
// Contract
//   - Any number of threads may call any function at the same time. There are
//     several dispatchers; none of them undoes what another one does.
//   - A train that is on the board all the while is once in the list of All().
//   - A departure's minute and track belong together: who asks sees both as
//     they were at one moment during the call.
//   - What a caller has got is his own: it does not change when the board does,
//     nor when he (or somebody else) asks again, and it stays good when the
//     train has left.
//
// Names and parameters of the public functions stay as they are. What they
// return may be of another type, as long as one can still write Find(n).train,
// Departure d = Find(n) and for (const Departure& d : All()). The private part
// is yours.

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
  const Departure& Find(int train) const;

  // All departures, in the order in which they were announced.
  const std::vector<Departure>& All() const;

 private:
  mutable std::mutex lock_;
  std::vector<Departure> departures_;  // guarded by lock_
};

}  // namespace station

#endif  // STATION_BOARD_H_
