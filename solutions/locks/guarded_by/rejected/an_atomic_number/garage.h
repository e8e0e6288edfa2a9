#ifndef CARPARK_GARAGE_H_
#define CARPARK_GARAGE_H_

#include <atomic>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

// A lock that is forgotten is an error, where the compiler knows of it.
#ifdef __clang__
#pragma clang diagnostic error "-Wthread-safety"
#endif

namespace carpark {

// Shows a number. Knows nothing of threads.
class Sign {
 public:
  virtual ~Sign() = default;
  virtual void Show(int free) = 0;
};

class Garage {
 public:
  // `sign` outlives the garage.
  Garage(int places, Sign& sign) : sign_(sign), free_(places) {}

  // Takes a place. Waits for one.
  void Enter();

  // Gives the place back.
  void Leave();

  // How many places are free.
  int Free() const;

 private:
  absl::Mutex mutex_;
  Sign& sign_;
  std::atomic<int> free_;
};

}  // namespace carpark

#endif  // CARPARK_GARAGE_H_
