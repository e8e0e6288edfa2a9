// Fair scheduling: which of the enabled threads may be chosen, given who gave
// way and was not answered yet.
//
// Source: Musuvathi, Qadeer, "Fair stateless model checking", PLDI 2008,
// algorithm 1. A thread that yields twice without any other enabled thread
// having run meanwhile may not run again before those have. Its first yields
// are without effect, so that sleep_for() never hides an interleaving:
// kFreeYields of them here, and kHopefulYields where the thread may have got
// somewhere since the last one: who gives way three times and then goes on must
// be seen to go on.
//
// A thread that passes kSlice schedule points in a row while others wait is
// taken to have yielded: polling a flag under a mutex, without yield, then ends
// too. What such a bound excludes is a thread that is never preempted for that
// long.
//
// Costs nothing before the first yield. No thread safety.

#ifndef RACELAB_RUNTIMES_MODEL_SEARCH_FAIRNESS_H_
#define RACELAB_RUNTIMES_MODEL_SEARCH_FAIRNESS_H_

#include <cstdint>

#include "runtimes/model/limits.h"
#include "runtimes/model/strategy.h"

namespace racelab::model {

class Fairness {
 public:
  static constexpr int kFreeYields = 2;
  static constexpr int kHopefulYields = 5;
  static constexpr int kSlice = 1000;

  void Begin() {
    if (tracked_ != 0) Reset();
    run_ = 0;
    last_ = -1;
  }

  // The threads that may run now: a subset of point.enabled, never empty.
  // To be called once at every schedule point.
  uint32_t Candidates(const SchedulePoint& point) {
    if ((point.enabled & (point.enabled - 1)) == 0) run_ = 0;  // nobody waits
    const bool slice_over = run_ >= kSlice && point.current_enabled;
    if (!point.yielded && !slice_over && tracked_ == 0) return point.enabled;
    return Restrict(point, slice_over);
  }

  // What was withheld so far.
  Limits limits() const { return limits_; }

  // Which thread the strategy chose.
  void Chosen(ThreadId thread) {
    if (thread == last_) {
      ++run_;
    } else {
      last_ = thread;
      run_ = 0;
    }
    if (tracked_ != 0) Scheduled(thread);
  }

 private:
  void Reset();
  uint32_t Restrict(const SchedulePoint& point, bool slice_over);
  void Scheduled(ThreadId thread);

  // In the paper's names, by thread: P (who must run before it), E (enabled
  // ever since its last yield), S (scheduled since its last yield).
  uint32_t before_[kMaxThreads] = {};
  uint32_t enabled_since_[kMaxThreads] = {};
  uint32_t scheduled_since_[kMaxThreads] = {};
  uint8_t yields_[kMaxThreads] = {};
  uint32_t tracked_ = 0;   // threads that have yielded
  uint32_t unproven_ = 0;  // … and may have got somewhere meanwhile
  Limits limits_ = 0;
  int run_ = 0;
  ThreadId last_ = -1;
};

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_SEARCH_FAIRNESS_H_
