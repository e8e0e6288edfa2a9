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
  int batch_;                // so many places are given back at once
  int emptied_ = 0;          // places not given back yet

  std::counting_semaphore<> free_places_;      // permits: places without a loaf
  std::counting_semaphore<> loaves_there_{0};  // permits: loaves to be taken
  std::binary_semaphore guard_{1};             // the ring and its two positions
};

}  // namespace bakery

#endif  // BAKERY_RACK_H_
