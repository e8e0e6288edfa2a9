// The box office of a small concert hall, for one evening.
//
// Contract
//   - Any number of clerks (threads) may call any function at the same time.
//   - Never are more tickets out than the hall has seats.
//   - Nobody hears "sold out" while a seat is free: Sell() fails only if at
//     some moment during the call every ticket was out.
//
// The public functions stay as they are; the private part is yours.

#ifndef CONCERT_BOX_OFFICE_H_
#define CONCERT_BOX_OFFICE_H_

#include <mutex>

namespace concert {

class BoxOffice {
 public:
  explicit BoxOffice(int seats) : seats_left_(seats) {}

  // Sells one ticket; false if the evening is sold out.
  bool Sell();

  // Takes a ticket back. Its seat may be sold again.
  void Refund();

  // How many seats are free just now, for the board in the foyer.
  int SeatsLeft() const;

 private:
  void TakeSeat();

  mutable std::mutex lock_;
  int seats_left_;  // guarded by lock_
};

}  // namespace concert

#endif  // CONCERT_BOX_OFFICE_H_
