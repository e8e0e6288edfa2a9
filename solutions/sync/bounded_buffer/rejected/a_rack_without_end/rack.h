#ifndef BAKERY_RACK_H_
#define BAKERY_RACK_H_

#include <deque>
#include <semaphore>

namespace bakery {

class Rack {
 public:
  // A rack with that many places, at least one.
  explicit Rack(int places);

  // Puts a loaf on the rack. Waits for a free place.
  void Put(int loaf);

  // Takes the loaf that has been there longest. Waits for one.
  int Take();

 private:
  std::deque<int> loaves_;
  std::counting_semaphore<> loaves_there_{0};
  std::binary_semaphore guard_{1};
};

}  // namespace bakery

#endif  // BAKERY_RACK_H_
