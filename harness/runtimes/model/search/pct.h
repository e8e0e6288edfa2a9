// Probabilistic concurrency testing: threads have random priorities, the
// highest that can run does, and at d-1 random steps the running thread falls
// behind all others.
//
// Source: Burckhardt, Kothari, Musuvathi, Nagarakatte, "A randomized scheduler
// with probabilistic guarantees of finding bugs", ASPLOS 2010. In a program of
// n threads and k steps, an execution hits a bug of depth d (one that d ordered
// pairs of steps suffice for) with probability at least 1 / (n k^(d-1)).
//
// Bad at: bugs of a greater depth than it was told; long executions, as k
// grows; the bound is about the schedule alone: stores to read and timeouts are
// chosen at random on top of it. A fair scheduler is wrapped around it
// (fairness.h), which a program without yields never notices.
//
// n and k are not known beforehand: the largest seen so far are used, and
// executions that ran with smaller ones do not count for the bound.

#ifndef RACELAB_RUNTIMES_MODEL_SEARCH_PCT_H_
#define RACELAB_RUNTIMES_MODEL_SEARCH_PCT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "runtimes/model/search/random.h"

namespace racelab::model {

class Pct final : public SamplingStrategy {
 public:
  Pct(int depth, uint64_t seed, Shard shard = {});

  void BeginExecution() override;
  ThreadId ChooseThread(const SchedulePoint& point) override;
  bool EndExecution(ExecutionEnd end) override;
  std::string Name() const override;
  // "a bug of depth 3 missed with probability at most 0.02"
  std::string Detail() const override;

  // The chance that every execution so far missed a given bug of this depth: at
  // most that.
  double MissProbability() const;

 private:
  void NewThread(ThreadId thread);

  const int depth_;
  uint64_t steps_ = 0;      // schedule points with a choice in this execution
  uint64_t max_steps_ = 1;  // k
  int max_threads_ = 1;     // n
  uint64_t counted_ = 0;    // executions since n and k last grew
  uint32_t known_ = 0;      // threads that have a priority
  // Greater goes first. Change point i gives priority i; initial ones are
  // above.
  uint64_t priority_[kMaxThreads] = {};
  std::vector<uint64_t> change_points_;  // depth_ - 1 of them, by step
};

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_SEARCH_PCT_H_
