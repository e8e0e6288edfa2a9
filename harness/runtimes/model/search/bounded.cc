#include "runtimes/model/search/bounded.h"

#include <cstdint>
#include <string>

#include "runtimes/model/strategy.h"

namespace racelab::model {

void BoundedSearch::BeginExecution() {
  ClearStream();
  tree_.Begin();
  fairness_.Begin();
  preemptions_ = 0;
  prune_ = false;
}

ThreadId BoundedSearch::ChooseThread(const SchedulePoint& point) {
  if (prune_) return kPrune;
  const uint32_t candidates = fairness_.Candidates(point);
  if ((point.enabled & (point.enabled - 1)) == 0) {
    const ThreadId only = __builtin_ctz(point.enabled);
    fairness_.Chosen(only);
    return only;
  }
  const uint32_t self = uint32_t{1} << point.current;
  const bool switch_costs = point.current_enabled && !point.yielded &&
                            (point.spinning & self) == 0 &&
                            (candidates & self) != 0;
  ThreadId chosen = point.current;
  if (tree_.replaying()) {
    const DecisionTree::Node& node = tree_.Next();
    if (node.kind != DecisionKind::kThread || node.enabled != point.enabled) {
      diverged_ = true;
      prune_ = true;
      return kPrune;
    }
    chosen = node.chosen;
  } else {
    uint32_t allowed = candidates;
    if (switch_costs && preemptions_ >= bound_) {
      if (allowed != self) limited_ = true;
      allowed = self;
    }
    DecisionTree::Node* node = tree_.Push(DecisionKind::kThread);
    if (node == nullptr) {
      prune_ = true;
      return kPrune;
    }
    if ((allowed & self) == 0) chosen = __builtin_ctz(allowed);
    node->allowed = allowed;
    node->enabled = point.enabled;
    node->chosen = static_cast<uint8_t>(chosen);
  }
  if (switch_costs && chosen != point.current) ++preemptions_;
  fairness_.Chosen(chosen);
  RecordThread(point.enabled, chosen);
  return chosen;
}

unsigned BoundedSearch::Choose(DecisionKind kind, unsigned n, ThreadId thread,
                               const PendingOp& op) {
  (void)thread;
  (void)op;
  if (n <= 1 || prune_) return 0;
  if (n > 255) {
    n = 255;
    clipped_ = true;
  }
  unsigned chosen = 0;
  if (tree_.replaying()) {
    const DecisionTree::Node& node = tree_.Next();
    if (node.kind != kind || node.alternatives != n) {
      diverged_ = true;
      prune_ = true;
      return 0;
    }
    chosen = node.chosen;
  } else {
    DecisionTree::Node* node = tree_.Push(kind);
    node->allowed = ~uint64_t{0};
    node->alternatives = static_cast<uint8_t>(n);
  }
  Record(kind, n, chosen);
  return chosen;
}

bool BoundedSearch::EndExecution(ExecutionEnd end) {
  if (tree_.replaying() && end != ExecutionEnd::kPruned) diverged_ = true;
  if (end == ExecutionEnd::kTruncated) ++truncated_;
  // Where no node was left to choose, the rest of the execution is a
  // repetition.
  owned_ = tree_.FinishExecution() && !prune_;
  if (diverged_ || !tree_.Backtrack()) {
    finished_ = true;
    return false;
  }
  return true;
}

std::string BoundedSearch::Name() const {
  return "bounded " + std::to_string(bound_);
}

}  // namespace racelab::model
