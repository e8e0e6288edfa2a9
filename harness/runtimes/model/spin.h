// Finds threads that spin: that carry out the same read again and again, find
// the same value, and change nothing in between.
//
// A read is the same if it is made from the same code under the same callers
// (a hash of the call stack) of the same object. Its first repetitions are free,
// since a bounded retry loop is no spin loop; after that the thread waits until
// somebody changes one of the objects that it read since it last changed
// anything itself – which is all that could change what it does.
//
// Loads have kLoads repetitions: libstdc++'s atomic waits look 16 times before
// they sleep, and must be seen to sleep. But only the first kPoints of them are
// schedule points: that the value changes at the fourth look or at the tenth is
// the same.
//
// Other things that count as such a read:
//   - a read-modify-write that stores what was there (`flag.exchange(true)`);
//   - an attempt that fails (try_lock, a compare-exchange);
//   - taking a lock under which nobody changed anything since (the value read
//     is then the lock's version);
//   - a yield or sleep (of object 0: anything that anybody changes).
//
// Writes to the thread's own stack are no changes: nobody else sees them.

#ifndef RACELAB_RUNTIMES_MODEL_SPIN_H_
#define RACELAB_RUNTIMES_MODEL_SPIN_H_

#include <cstdint>

namespace racelab::model {

class SpinDetector {
 public:
  static constexpr int kLoads = 24;
  static constexpr int kPoints = 3;
  static constexpr int kAttempts = 2;
  static constexpr int kYields = 6;  // libstdc++ yields 4 times

  // The thread changed something: what it read before does not count any more.
  void Reset() { used_ = 0; }

  // A read from code `site` of `object`, which found `value`: how often it was
  // repeated.
  int Read(uint64_t site, uintptr_t object, uint64_t value) {
    for (uint32_t i = 0; i < used_; ++i) {
      if (reads_[i].site != site || reads_[i].object != object) continue;
      if (reads_[i].value == value) return ++reads_[i].count;
      used_ = 0;  // something new was learnt
      break;
    }
    if (used_ == kReads) used_ = 0;
    reads_[used_++] = {site, object, value, 0};
    return 0;
  }

  // Reads of `object` were repeated so often that more of the same is no
  // schedule point, nor may it read an old store once more.
  bool Exhausted(uintptr_t object) const {
    for (uint32_t i = 0; i < used_; ++i) {
      if (reads_[i].object == object && reads_[i].count >= kPoints) return true;
    }
    return false;
  }
  bool Exhausted(uint64_t site, uintptr_t object) const {
    for (uint32_t i = 0; i < used_; ++i) {
      if (reads_[i].object == object && reads_[i].site == site) {
        return reads_[i].count >= kPoints;
      }
    }
    return false;
  }

  // `changed`: something was changed, not only given back.
  bool Watches(uintptr_t object, bool changed) const {
    for (uint32_t i = 0; i < used_; ++i) {
      if (reads_[i].object == object) return true;
      if (reads_[i].object == 0 && changed) return true;
    }
    return false;
  }

 private:
  static constexpr uint32_t kReads = 16;
  struct Entry {
    uint64_t site;
    uintptr_t object;
    uint64_t value;
    int count;
  };
  Entry reads_[kReads];
  uint32_t used_ = 0;
};

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_SPIN_H_
