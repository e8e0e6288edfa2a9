#ifndef CONCERT_BOX_OFFICE_H_
#define CONCERT_BOX_OFFICE_H_

#include <atomic>
#include <mutex>

namespace concert {

class BoxOffice {
 public:
  explicit BoxOffice(int seats) : seats_left_(seats) {}

  bool Sell();
  void Refund();
  int SeatsLeft() const;

 private:
  std::mutex lock_;  // held by whoever sells the last seat
  std::atomic<int> seats_left_;
};

}  // namespace concert

#endif  // CONCERT_BOX_OFFICE_H_
