#include "runtimes/model/search/full.h"

#include <cstdint>

#include "runtimes/model/memory_model.h"
#include "runtimes/model/strategy.h"

namespace racelab::model {
namespace {

constexpr uint32_t Bit(ThreadId thread) { return uint32_t{1} << thread; }

}  // namespace

void FullSearch::BeginExecution() {
  ClearStream();
  tree_.Begin();
  fairness_.Begin();
  asleep_ = conditional_ = 0;
  step_reported_ = true;
  restricted_ = false;
  prune_ = false;
}

// Takes the sleep set from a node, with what has been explored from it since.
void FullSearch::EnterNode(const DecisionTree::Node& node,
                           const SchedulePoint& point) {
  if (memory_ == nullptr) return;
  asleep_ = node.asleep | node.done;
  conditional_ = node.conditional & ~node.done;
  for (Mask left = node.done; left != 0; left &= left - 1) {
    const int t = __builtin_ctz(left);
    since_[t] = point.step;
    sleeping_op_[t] = point.pending[t];
  }
}

void FullSearch::FinishStep() {
  if (!step_reported_) Wake(running_op_);
  step_reported_ = true;
}

// Removes from the sleep set whose next step depends on what was just done.
void FullSearch::Wake(const PendingOp& executed) {
  for (Mask left = asleep_ | conditional_; left != 0; left &= left - 1) {
    const int t = __builtin_ctz(left);
    switch (memory_->Commutes(executed, sleeping_op_[t])) {
      case MemoryModel::Commute::kYes:
        break;
      case MemoryModel::Commute::kIfNotReadFrom:
        asleep_ &= ~Bit(t);
        conditional_ |= Bit(t);
        break;
      case MemoryModel::Commute::kNo:
        asleep_ &= ~Bit(t);
        conditional_ &= ~Bit(t);
        break;
    }
  }
}

void FullSearch::Run(ThreadId thread, const SchedulePoint& point) {
  restricted_ = (conditional_ & Bit(thread)) != 0;
  restricted_since_ = since_[thread];
  asleep_ &= ~Bit(thread);
  conditional_ &= ~Bit(thread);
  running_ = thread;
  if ((asleep_ | conditional_) != 0) {
    running_op_ = point.pending[thread];
    step_reported_ = false;
  }
  fairness_.Chosen(thread);
  RecordThread(point.enabled, thread);
}

ThreadId FullSearch::ChooseThread(const SchedulePoint& point) {
  if (prune_) return kPrune;
  // On the known path the sleep set comes from the nodes.
  if (!tree_.replaying()) FinishStep();
  const uint32_t candidates = fairness_.Candidates(point);

  if ((point.enabled & (point.enabled - 1)) == 0) {
    const ThreadId only = __builtin_ctz(point.enabled);
    if (!tree_.replaying() && (asleep_ & Bit(only)) != 0) return kPrune;
    Run(only, point);
    return only;
  }

  if (tree_.replaying()) {
    const DecisionTree::Node& node = tree_.Next();
    if (node.kind != DecisionKind::kThread || node.enabled != point.enabled) {
      diverged_ = true;
      prune_ = true;
      return kPrune;
    }
    EnterNode(node, point);
    Run(node.chosen, point);
    return node.chosen;
  }

  const uint32_t allowed = candidates & ~asleep_;
  if (allowed == 0) return kPrune;
  DecisionTree::Node* node = tree_.Push(DecisionKind::kThread);
  if (node == nullptr) {
    prune_ = true;
    return kPrune;
  }
  const ThreadId chosen = (allowed & Bit(point.current)) != 0
                              ? point.current
                              : __builtin_ctz(allowed);
  node->allowed = allowed;
  node->enabled = point.enabled;
  node->asleep = asleep_;
  node->conditional = conditional_;
  node->chosen = static_cast<uint8_t>(chosen);
  Run(chosen, point);
  return chosen;
}

unsigned FullSearch::Choose(DecisionKind kind, unsigned n, ThreadId thread,
                            const PendingOp& op) {
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
    asleep_ = node.asleep;
    conditional_ = node.conditional;
    chosen = node.chosen;
  } else {
    // Not part of the running thread's step: nothing is known of what commutes.
    // Nor with an allocation, for which others' compare-exchanges matter.
    if (thread != running_ || kind == DecisionKind::kReuse) {
      asleep_ = conditional_ = 0;
    }
    uint64_t allowed = ~uint64_t{0};
    if (restricted_ && kind == DecisionKind::kReadsFrom && thread == running_) {
      for (unsigned i = 0; i < n && i < 64; ++i) {
        // kUnknownStep is the greatest number: allowed.
        if (memory_->CandidateStep(i) < restricted_since_) {
          allowed &= ~(uint64_t{1} << i);
        }
      }
      restricted_ = false;
    }
    while (chosen < n && chosen < 64 && (allowed >> chosen & 1) == 0) ++chosen;
    if (chosen == n) {
      prune_ = true;
      return 0;
    }
    DecisionTree::Node* node = tree_.Push(kind);
    node->allowed = allowed;
    node->asleep = asleep_;
    node->conditional = conditional_;
    node->alternatives = static_cast<uint8_t>(n);
    node->chosen = static_cast<uint8_t>(chosen);
  }
  Record(kind, n, chosen);
  return chosen;
}

void FullSearch::Executed(ThreadId thread, const PendingOp& op) {
  (void)thread;
  step_reported_ = true;
  if ((asleep_ | conditional_) != 0 && !tree_.replaying()) Wake(op);
}

bool FullSearch::EndExecution(ExecutionEnd end) {
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

}  // namespace racelab::model
