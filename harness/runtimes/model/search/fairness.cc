#include "runtimes/model/search/fairness.h"

#include <cstdint>

namespace racelab::model {

void Fairness::Reset() {
  for (uint32_t left = tracked_; left != 0; left &= left - 1) {
    const int t = __builtin_ctz(left);
    before_[t] = enabled_since_[t] = scheduled_since_[t] = 0;
    yields_[t] = 0;
  }
  tracked_ = unproven_ = 0;
}

uint32_t Fairness::Restrict(const SchedulePoint& point, bool slice_over) {
  for (uint32_t left = tracked_; left != 0; left &= left - 1) {
    enabled_since_[__builtin_ctz(left)] &= point.enabled;
  }
  if (point.yielded || slice_over) {
    const ThreadId t = point.current;
    const uint32_t self = uint32_t{1} << t;
    tracked_ |= self;
    unproven_ =
        slice_over || !point.in_vain ? unproven_ | self : unproven_ & ~self;
    if (slice_over) {
      before_[t] |= point.enabled & ~self;
      run_ = 0;
    } else if (yields_[t] < (point.in_vain ? kFreeYields : kHopefulYields)) {
      ++yields_[t];
    } else {
      before_[t] |= enabled_since_[t] & ~scheduled_since_[t] & ~self;
    }
    enabled_since_[t] = point.enabled;
    scheduled_since_[t] = 0;
  }
  uint32_t candidates = point.enabled;
  for (uint32_t left = tracked_ & point.enabled; left != 0; left &= left - 1) {
    const int t = __builtin_ctz(left);
    const uint32_t bit = uint32_t{1} << t;
    if ((before_[t] & point.enabled) == 0) continue;
    candidates &= ~bit;
    if ((unproven_ & bit) != 0) limits_ |= SetOf(Limit::kFairness);
  }
  // `before_` is acyclic by construction; this guards against a world that
  // changes its mind about who is enabled.
  return candidates != 0 ? candidates : point.enabled;
}

void Fairness::Scheduled(ThreadId thread) {
  const uint32_t bit = uint32_t{1} << thread;
  for (uint32_t left = tracked_; left != 0; left &= left - 1) {
    const int t = __builtin_ctz(left);
    before_[t] &= ~bit;
    if (t != thread) scheduled_since_[t] |= bit;
  }
}

}  // namespace racelab::model
