#ifndef CONCERT_BOX_OFFICE_H_
#define CONCERT_BOX_OFFICE_H_

#include <atomic>

namespace concert {

class BoxOffice {
 public:
  explicit BoxOffice(int seats) : seats_left_(seats) {}

  bool Sell();
  void Refund();
  int SeatsLeft() const;

 private:
  std::atomic<int> seats_left_;
};

}  // namespace concert

#endif  // CONCERT_BOX_OFFICE_H_
