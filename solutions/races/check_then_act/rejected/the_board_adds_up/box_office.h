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
  mutable std::mutex lock_;
  int seats_left_;            // guarded by lock_
  std::atomic<int> back_{0};  // tickets that came back since the last sale
};

}  // namespace concert

#endif  // CONCERT_BOX_OFFICE_H_
