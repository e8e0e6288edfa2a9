#include "runtimes/model/search/random.h"

#include <cstdint>

#include "runtimes/model/strategy.h"

namespace racelab::model {

unsigned SamplingStrategy::Choose(DecisionKind kind, unsigned n,
                                  ThreadId thread, const PendingOp& op) {
  (void)thread;
  (void)op;
  if (n <= 1) return 0;
  n = Clip(n);
  unsigned chosen = 0;
  switch (kind) {
    case DecisionKind::kTimeout:
    case DecisionKind::kSpurious:
    case DecisionKind::kWeakFail:
    case DecisionKind::kReuse:
      // Rare events: often enough to be tried, not so often that a loop around
      // them never gets anywhere.
      chosen = rng_.Below(4) == 0 ? 1 + rng_.Below(n - 1) : 0;
      break;
    default:
      chosen = rng_.Below(n);
      break;
  }
  Record(kind, n, chosen);
  return chosen;
}

ThreadId RandomWalk::ChooseThread(const SchedulePoint& point) {
  const uint32_t candidates = fairness_.Candidates(point);
  const uint32_t others = candidates & (candidates - 1);
  ThreadId chosen;
  if (others == 0) {
    chosen = __builtin_ctz(candidates);
  } else if ((others & (others - 1)) == 0) {  // as rng_.Bit() does, sooner
    chosen = __builtin_ctz(rng_.Below(2) == 0 ? candidates : others);
  } else {
    chosen = rng_.Bit(candidates);
  }
  fairness_.Chosen(chosen);
  RecordThread(point.enabled, chosen);
  return chosen;
}

}  // namespace racelab::model
