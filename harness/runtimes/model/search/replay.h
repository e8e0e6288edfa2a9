// Repeats an execution from its decisions.
//
// Strict: the stream must fit the program exactly; where it does not, the
// execution is abandoned and problem() says why. A stream that ends early does
// not fit either.
//
// Guided: what the stream says is done where it can be done, and the default
// otherwise: the running thread goes on, the newest store is read. For
// shrinking, where streams are edited.
//
// Bad at: nothing but what it is told. It is no search.

#ifndef RACELAB_RUNTIMES_MODEL_SEARCH_REPLAY_H_
#define RACELAB_RUNTIMES_MODEL_SEARCH_REPLAY_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "runtimes/model/search/fairness.h"
#include "runtimes/model/search/recording.h"
#include "runtimes/model/strategy.h"

namespace racelab::model {

class ReplayStrategy final : public RecordingStrategy {
 public:
  enum class Mode { kStrict, kGuided };

  explicit ReplayStrategy(DecisionStream decisions, Mode mode = Mode::kStrict)
      : decisions_(std::move(decisions)), mode_(mode) {}

  // Replaces the stream, for the next execution.
  void SetDecisions(DecisionStream decisions) {
    decisions_ = std::move(decisions);
  }

  void BeginExecution() override;
  ThreadId ChooseThread(const SchedulePoint& point) override;
  unsigned Choose(DecisionKind kind, unsigned n, ThreadId thread,
                  const PendingOp& op) override;
  bool EndExecution(ExecutionEnd end) override;
  std::string Name() const override { return "replay"; }
  bool Exhausted() const override { return false; }
  bool more() const override { return false; }
  bool diverged() const override { return !problem_.empty(); }

  // Why the stream did not fit the last execution: "decision 17 is which store
  // a load reads, of 3; the program asked which thread runs next, of 2"; empty
  // if it did.
  const std::string& problem() const { return problem_; }

  // Of the last execution: switches between threads, free ones included, and
  // preemptions (see bounded.h).
  int switches() const { return switches_; }
  int preemptions() const { return preemptions_; }
  // The last decision that was taken from the stream belongs to this step.
  uint64_t last_step() const { return last_step_; }

 private:
  const Decision* NextDecision(DecisionKind kind, unsigned n);
  void Mismatch(std::string what);

  DecisionStream decisions_;
  const Mode mode_;
  Fairness fairness_;
  size_t at_ = 0;
  std::string problem_;
  int switches_ = 0;
  int preemptions_ = 0;
  uint64_t last_step_ = 0;
};

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_SEARCH_REPLAY_H_
