// A random walk: each decision is taken at random.
//
// Source: none needed; that it is a fair baseline, see Thomson, Donaldson,
// Betts, "Concurrency testing using controlled schedulers", TOPC 2016.
//
// Bad at: bugs that need one particular thread to be left behind for long: the
// chance of that falls exponentially with the number of steps. It never knows
// when it has seen everything.
//
// Execution i is the same for the same seed, alone or in a shard: shard s of n
// runs the executions i with i mod n = s.

#ifndef RACELAB_RUNTIMES_MODEL_SEARCH_RANDOM_H_
#define RACELAB_RUNTIMES_MODEL_SEARCH_RANDOM_H_

#include <cstdint>
#include <string>

#include "runtimes/model/search/fairness.h"
#include "runtimes/model/search/recording.h"
#include "runtimes/model/search/rng.h"
#include "runtimes/model/strategy.h"

namespace racelab::model {

// What the sampling strategies share: everything but the choice of the thread.
class SamplingStrategy : public RecordingStrategy {
 public:
  SamplingStrategy(uint64_t seed, Shard shard)
      : seed_(seed), shard_(shard), execution_(shard.index) {}

  void BeginExecution() override {
    ClearStream();
    rng_.Seed(seed_, execution_);
    fairness_.Begin();
  }
  unsigned Choose(DecisionKind kind, unsigned n, ThreadId thread,
                  const PendingOp& op) override;
  bool EndExecution(ExecutionEnd end) override {
    (void)end;
    execution_ += static_cast<uint64_t>(shard_.count);
    return true;
  }
  bool Exhausted() const override { return false; }

 protected:
  const uint64_t seed_;
  const Shard shard_;
  uint64_t execution_;
  Rng rng_;
  Fairness fairness_;
};

class RandomWalk final : public SamplingStrategy {
 public:
  explicit RandomWalk(uint64_t seed, Shard shard = {})
      : SamplingStrategy(seed, shard) {}

  ThreadId ChooseThread(const SchedulePoint& point) override;
  std::string Name() const override { return "random"; }
};

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_SEARCH_RANDOM_H_
