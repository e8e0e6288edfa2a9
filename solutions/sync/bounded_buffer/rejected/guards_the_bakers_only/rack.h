#ifndef BAKERY_RACK_H_
#define BAKERY_RACK_H_

#include <semaphore>
#include <vector>

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
  std::vector<int> loaves_;  // used as a ring
  int next_free_ = 0;        // where the next loaf is put
  int oldest_ = 0;           // where the next loaf is taken

  std::counting_semaphore<> places_;
  std::counting_semaphore<> ready_{0};
  std::binary_semaphore guard_{1};  // two bakers must not put at once
};

}  // namespace bakery

#endif  // BAKERY_RACK_H_
