#ifndef CONCERT_BOX_OFFICE_H_
#define CONCERT_BOX_OFFICE_H_

#include <mutex>

namespace concert {

class BoxOffice {
 public:
  explicit BoxOffice(int seats) : seats_left_(seats) {}

  bool Sell();
  void Refund();
  int SeatsLeft() const;

 private:
  mutable std::mutex lock_;
  int seats_left_;         // guarded by lock_
  bool sold_out_ = false;  // guarded by lock_
};

}  // namespace concert

#endif  // CONCERT_BOX_OFFICE_H_
