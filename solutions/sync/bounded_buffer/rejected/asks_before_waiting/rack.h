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
  int count_ = 0;            // loaves on the rack

  std::counting_semaphore<> place_became_free_{0};
  std::counting_semaphore<> loaf_came_{0};
  std::binary_semaphore guard_{1};  // all of the above
};

}  // namespace bakery

#endif  // BAKERY_RACK_H_
