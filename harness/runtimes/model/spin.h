// Finds threads that spin: that carry out the same read again and again, find
// the same value, and change nothing in between.
//
// A read is the same if it is made from the same code under the same callers
// (a hash of the call stack) of the same object. Its first repetitions are
// free, since a bounded retry loop is no spin loop; after that the thread waits
// until somebody changes one of the objects that it read since it last changed
// anything itself – which is all that could change what it does.
//
// Loads have kLoads repetitions: libstdc++'s atomic waits look 16 times before
// they sleep, and must be seen to sleep. But only the first kPoints of them are
// schedule points, and of libstdc++'s the first one: that the value changes at
// the fourth look or at the tenth is the same. That it changes before them all
// or after them all is not (PendingOp::newest).
//
// Other things that count as such a read:
//   - a read-modify-write that stores what was there (`flag.exchange(true)`);
//   - an attempt that fails (try_lock, a compare-exchange);
//   - taking a lock under which nobody changed anything since (the value read
//     is then the lock's version);
//   - a yield or sleep (of object 0: anything that anybody changes).
//
// Writes to the thread's own stack are no changes: nobody else sees them. But
// the thread does, and may count there how often it looked. So a repetition is
// *proven* to be in vain only if the thread's own state (bridge/call_stack.h)
// was the same the time before: then it is in a circle that it cannot leave by
// itself, and that nobody else can tell how often it went round – unless it
// takes locks on its way, and somebody tries to get them (SyncObject::circled).
// Where a thread is made to wait without that proof, evidence says so.

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
    reads_[used_++] = {site, object, value, 0, 0, false};
    return 0;
  }

  // The thread's own state at a repetition of that read, the latest first.
  // False once it was the same twice in a row: it need not be told any more.
  bool WantsState(uint64_t site, uintptr_t object) const {
    const Entry* entry = Find(site, object);
    return entry != nullptr && entry->count > 0 && entry->count < kPoints &&
           !entry->proven;
  }
  void AddState(uint64_t site, uintptr_t object, uint64_t state) {
    Entry* entry = const_cast<Entry*>(Find(site, object));
    if (entry == nullptr) return;
    entry->proven = state != 0 && entry->state == state;
    entry->state = state;
  }
  bool Proven(uint64_t site, uintptr_t object) const {
    const Entry* entry = Find(site, object);
    return entry != nullptr && entry->proven;
  }

  template <typename Function>
  void ForEachObject(Function function) const {
    for (uint32_t i = 0; i < used_; ++i) function(reads_[i].object);
  }

  // Whether any read of `object` is remembered.
  bool Reads(uintptr_t object) const {
    for (uint32_t i = 0; i < used_; ++i) {
      if (reads_[i].object == object) return true;
    }
    return false;
  }
  // It was made before, and has found the same ever since.
  bool Made(uint64_t site, uintptr_t object) const {
    return Find(site, object) != nullptr;
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

  // … and it is not proven that they are in vain: the thread may well go on
  // with what it finds, so it matters whether somebody changes the object
  // before.
  bool ExhaustedInHope(uintptr_t object) const {
    for (uint32_t i = 0; i < used_; ++i) {
      if (reads_[i].object == object && reads_[i].count >= kPoints &&
          !reads_[i].proven) {
        return true;
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
    uint64_t state;
    bool proven;
  };
  const Entry* Find(uint64_t site, uintptr_t object) const {
    for (uint32_t i = 0; i < used_; ++i) {
      if (reads_[i].site == site && reads_[i].object == object) {
        return &reads_[i];
      }
    }
    return nullptr;
  }

  Entry reads_[kReads];
  uint32_t used_ = 0;
};

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_SPIN_H_
