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
  // A counting semaphore, made of two binary ones.
  class Counter {
   public:
    explicit Counter(int permits) : permits_(permits) {}
    void Acquire();
    void Release();

   private:
    int permits_;  // below 0: so many wait
    std::binary_semaphore counting_{1};
    std::binary_semaphore turn_{0};
  };

  std::vector<int> loaves_;  // used as a ring
  int next_free_ = 0;        // where the next loaf is put
  int oldest_ = 0;           // where the next loaf is taken

  Counter free_places_;                        // permits: places without a loaf
  std::counting_semaphore<> loaves_there_{0};  // permits: loaves to be taken
  std::binary_semaphore guard_{1};             // the ring and its two positions
};

}  // namespace bakery

#endif  // BAKERY_RACK_H_
