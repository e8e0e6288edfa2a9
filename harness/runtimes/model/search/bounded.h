// Every execution with at most `bound` preemptions: switches away from a thread
// that could have gone on. Switches when a thread blocks, ends, yields or spins
// are free.
//
// Source: Musuvathi, Qadeer, "Iterative context bounding for systematic testing
// of multithreaded programs", PLDI 2007 (CHESS). Most concurrency bugs need two
// preemptions or fewer, and there are only polynomially many such executions.
//
// Bad at: bugs that need many preemptions; choices that are no switches (stores
// to read, timeouts) are all explored and may be many. Nothing is reduced:
// sleep sets would hide executions whose representative is over the bound.

#ifndef RACELAB_RUNTIMES_MODEL_SEARCH_BOUNDED_H_
#define RACELAB_RUNTIMES_MODEL_SEARCH_BOUNDED_H_

#include <cstdint>
#include <string>

#include "runtimes/model/search/decision_tree.h"
#include "runtimes/model/search/fairness.h"
#include "runtimes/model/search/recording.h"
#include "runtimes/model/strategy.h"

namespace racelab::model {

class BoundedSearch : public RecordingStrategy {
 public:
  explicit BoundedSearch(int bound, Shard shard = {})
      : bound_(bound), tree_(shard) {}

  void BeginExecution() override;
  ThreadId ChooseThread(const SchedulePoint& point) override;
  unsigned Choose(DecisionKind kind, unsigned n, ThreadId thread,
                  const PendingOp& op) override;
  bool EndExecution(ExecutionEnd end) override;
  std::string Name() const override;
  // Up to the bound: finished() and no higher bound would have seen more.
  bool Exhausted() const override { return finished() && !limited_; }
  bool more() const override { return !finished_; }
  bool owned() const override { return owned_; }
  bool diverged() const override { return diverged_; }
  Limits limits() const override { return fairness_.limits(); }

  // Every execution within the bound has been seen.
  bool finished() const {
    return finished_ && !clipped_ && !diverged_ && truncated_ == 0;
  }
  int bound() const { return bound_; }
  // Preemptions of the current or last execution.
  int preemptions() const { return preemptions_; }

 private:
  const int bound_;
  DecisionTree tree_;
  Fairness fairness_;
  int preemptions_ = 0;
  bool limited_ = false;
  bool prune_ = false;
  bool owned_ = true;
  bool diverged_ = false;
  bool clipped_ = false;
  bool finished_ = false;
  uint64_t truncated_ = 0;
};

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_SEARCH_BOUNDED_H_
