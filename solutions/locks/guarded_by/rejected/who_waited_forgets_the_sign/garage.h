#ifndef CARPARK_GARAGE_H_
#define CARPARK_GARAGE_H_

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
  void UpdateSign() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool HasPlace() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return free_ > 0;
  }

  mutable absl::Mutex mutex_;
  Sign& sign_;  // told with mutex_ held, so one thing at a time
  int free_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace carpark

#endif  // CARPARK_GARAGE_H_
