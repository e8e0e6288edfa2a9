#ifndef CONCERT_BOX_OFFICE_H_
#define CONCERT_BOX_OFFICE_H_

#include <atomic>
#include <mutex>

namespace concert {

class BoxOffice {
 public:
  explicit BoxOffice(int seats) : seats_(seats) {}

  bool Sell();
  void Refund();
  int SeatsLeft() const;

 private:
  const int seats_;
  mutable std::mutex lock_;
  int sold_ = 0;              // guarded by lock_
  std::atomic<int> back_{0};  // written by Refund() only
};

}  // namespace concert

#endif  // CONCERT_BOX_OFFICE_H_
