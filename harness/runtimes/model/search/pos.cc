#include "runtimes/model/search/pos.h"

#include <cstdint>

#include "runtimes/model/memory_model.h"
#include "runtimes/model/strategy.h"

namespace racelab::model {

void Pos::BeginExecution() {
  SamplingStrategy::BeginExecution();
  known_ = 0;
}

ThreadId Pos::ChooseThread(const SchedulePoint& point) {
  const uint32_t candidates = fairness_.Candidates(point);
  for (uint32_t fresh = point.enabled & ~known_; fresh != 0;
       fresh &= fresh - 1) {
    priority_[__builtin_ctz(fresh)] = rng_.Next();
  }
  known_ |= point.enabled;
  ThreadId best = __builtin_ctz(candidates);
  for (uint32_t left = candidates & (candidates - 1); left != 0;
       left &= left - 1) {
    const ThreadId t = __builtin_ctz(left);
    if (priority_[t] > priority_[best]) best = t;
  }
  const uint32_t self = uint32_t{1} << best;
  known_ &= ~self;
  for (uint32_t left = point.enabled & ~self; left != 0; left &= left - 1) {
    const ThreadId t = __builtin_ctz(left);
    if (memory_->Commutes(point.pending[best], point.pending[t]) !=
        MemoryModel::Commute::kYes) {
      known_ &= ~(uint32_t{1} << t);
    }
  }
  fairness_.Chosen(best);
  RecordThread(point.enabled, best);
  return best;
}

}  // namespace racelab::model
