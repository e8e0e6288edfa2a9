#include "runtimes/model/search/replay.h"

#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "runtimes/model/search/decision_stream.h"
#include "runtimes/model/strategy.h"

namespace racelab::model {

void ReplayStrategy::BeginExecution() {
  ClearStream();
  fairness_.Begin();
  at_ = 0;
  problem_.clear();
  switches_ = 0;
  preemptions_ = 0;
  last_step_ = 0;
}

void ReplayStrategy::Mismatch(std::string what) {
  if (problem_.empty()) problem_ = std::move(what);
}

// The stream's decision of this kind and size, or nullptr if it has another one
// or none.
const Decision* ReplayStrategy::NextDecision(DecisionKind kind, unsigned n) {
  if (at_ == decisions_.size()) {
    if (mode_ == Mode::kStrict) {
      Mismatch(absl::StrCat("the stream ends after ", at_,
                            " decisions; the program asked ",
                            DescribeKind(kind), ", of ", n));
    }
    return nullptr;
  }
  const Decision& decision = decisions_[at_++];
  if (decision.kind == kind && decision.alternatives == n) return &decision;
  if (mode_ == Mode::kStrict) {
    Mismatch(absl::StrCat("decision ", at_, " is ", DescribeKind(decision.kind),
                          ", of ", static_cast<int>(decision.alternatives),
                          "; the program asked ", DescribeKind(kind), ", of ",
                          n));
    return nullptr;
  }
  // Guided: a stream that was edited may have lost step by one decision.
  if (decision.kind != kind) {
    --at_;
    return nullptr;
  }
  return &decision;
}

ThreadId ReplayStrategy::ChooseThread(const SchedulePoint& point) {
  if (!problem_.empty()) return kPrune;
  const uint32_t candidates = fairness_.Candidates(point);
  const uint32_t self = uint32_t{1} << point.current;
  ThreadId chosen = -1;
  if ((point.enabled & (point.enabled - 1)) == 0) {
    chosen = __builtin_ctz(point.enabled);
  } else {
    const Decision* decision =
        NextDecision(DecisionKind::kThread,
                     static_cast<unsigned>(__builtin_popcount(point.enabled)));
    if (decision != nullptr && (point.enabled >> decision->chosen & 1) != 0) {
      chosen = decision->chosen;
      last_step_ = point.step;
    } else if (mode_ == Mode::kStrict) {
      if (decision != nullptr) {
        Mismatch(absl::StrCat("decision ", at_, " runs thread ",
                              static_cast<int>(decision->chosen),
                              ", which cannot run there"));
      }
      return kPrune;
    } else {
      chosen =
          (candidates & self) != 0 ? point.current : __builtin_ctz(candidates);
    }
    RecordThread(point.enabled, chosen);
  }
  if (chosen != point.current) {
    ++switches_;
    if (point.current_enabled && !point.yielded &&
        (point.spinning & self) == 0 && (candidates & self) != 0) {
      ++preemptions_;
    }
  }
  fairness_.Chosen(chosen);
  return chosen;
}

unsigned ReplayStrategy::Choose(DecisionKind kind, unsigned n, ThreadId thread,
                                const PendingOp& op) {
  (void)thread;
  (void)op;
  if (n <= 1 || !problem_.empty()) return 0;
  n = Clip(n);
  const Decision* decision = NextDecision(kind, n);
  const unsigned chosen =
      decision != nullptr && decision->chosen < n ? decision->chosen : 0;
  Record(kind, n, chosen);
  return chosen;
}

bool ReplayStrategy::EndExecution(ExecutionEnd end) {
  if (mode_ == Mode::kStrict && problem_.empty() &&
      end != ExecutionEnd::kPruned && at_ < decisions_.size()) {
    Mismatch(absl::StrCat("the program ended after ", at_, " of ",
                          decisions_.size(), " decisions"));
  }
  return false;
}

}  // namespace racelab::model
