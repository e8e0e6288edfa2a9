// A car park with a barrier at its entrance and a sign that shows how many
// places are free.
//
// Contract
//   - Any number of cars (threads) may come and go at the same time.
//   - Never are more cars inside than there are places. Enter() waits until
//     there is one; who waits gets in when somebody leaves.
//   - The sign is told of every change, one at a time and in order: what it was
//     told last is what is true.
//   - Free() may be asked at any time.
//
// The public part stays as it is; the private part is yours.

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
  void UpdateSign();  // call it with mutex_ held

  mutable absl::Mutex mutex_;
  Sign& sign_;
  int free_;  // guarded by mutex_

  // TODO: tell the compiler what these two comments say.
};

}  // namespace carpark

#endif  // CARPARK_GARAGE_H_
