// Partial order sampling: each pending step has a random priority, the highest
// that can run does; when it has run, the steps that it races with get new
// ones.
//
// Source: Yuan, Yang, Gu, "Partial order aware concurrency sampling", CAV 2018.
// Where PCT spends its choices on the order of independent steps, POS samples
// partial orders, and more evenly so.
//
// Bad at: bugs that need one thread to be left behind for long (PCT's
// strength). It costs a question to the memory model per pending step.

#ifndef RACELAB_RUNTIMES_MODEL_SEARCH_POS_H_
#define RACELAB_RUNTIMES_MODEL_SEARCH_POS_H_

#include <cstdint>
#include <string>

#include "runtimes/model/memory_model.h"
#include "runtimes/model/search/random.h"

namespace racelab::model {

class Pos final : public SamplingStrategy {
 public:
  // `memory` outlives the strategy.
  Pos(const MemoryModel* memory, uint64_t seed, Shard shard = {})
      : SamplingStrategy(seed, shard), memory_(memory) {}

  void BeginExecution() override;
  ThreadId ChooseThread(const SchedulePoint& point) override;
  std::string Name() const override { return "pos"; }

 private:
  const MemoryModel* const memory_;
  uint32_t known_ = 0;  // threads whose next step has a priority
  uint64_t priority_[kMaxThreads] = {};
};

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_SEARCH_POS_H_
