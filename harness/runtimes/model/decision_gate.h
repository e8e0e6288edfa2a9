// Between the world and its strategy. It remembers the answers of the execution
// that is running, so that it can be run again from the start without the
// strategy noticing; and it answers for the strategy where a spinning thread
// must not read a stale value once more.

#ifndef RACELAB_RUNTIMES_MODEL_DECISION_GATE_H_
#define RACELAB_RUNTIMES_MODEL_DECISION_GATE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "runtimes/model/limits.h"
#include "runtimes/model/strategy.h"

namespace racelab::model {

class DecisionGate final : public Strategy {
 public:
  DecisionGate() : answers_(1 << 16) {}

  void Begin(Strategy& strategy) {
    if (strategy_ != &strategy) met_ = 0;
    strategy_ = &strategy;
    known_ = 0;
    next_ = 0;
    force_newest_ = false;
    strategy.BeginExecution();
  }
  // Starts the same execution again.
  void Rewind() {
    next_ = 0;
    force_newest_ = false;
  }

  // Whether loads read the newest store: those of a thread that has read the
  // same value too often.
  void ForceNewest(bool force) { force_newest_ = force; }

  // Limits that an execution of this search which ran to its end has met: that
  // another one meets them, too, need not be found out.
  Limits met() const { return met_; }
  void AddMet(Limits limits) { met_ |= limits; }

  void BeginExecution() override {}
  ThreadId ChooseThread(const SchedulePoint& point) override {
    if (next_ < known_) {
      return static_cast<int8_t>(answers_[next_++]);
    }
    const ThreadId thread = strategy_->ChooseThread(point);
    Remember(static_cast<uint8_t>(thread));
    return thread;
  }
  unsigned Choose(DecisionKind kind, unsigned n, ThreadId thread,
                  const PendingOp& op) override {
    if (kind == DecisionKind::kReadsFrom && force_newest_) return 0;
    if (next_ < known_) return answers_[next_++];
    const unsigned chosen = strategy_->Choose(kind, n, thread, op);
    Remember(static_cast<uint8_t>(chosen));
    return chosen;
  }
  void Executed(ThreadId thread, const PendingOp& op) override {
    if (next_ == known_) strategy_->Executed(thread, op);
  }
  bool SkipsRepetitions() const override {
    return strategy_->SkipsRepetitions();
  }
  bool EndExecution(ExecutionEnd end) override {
    return strategy_->EndExecution(end);
  }
  std::string Name() const override { return strategy_->Name(); }
  bool Exhausted() const override { return strategy_->Exhausted(); }

 private:
  void Remember(uint8_t answer) {
    if (known_ == answers_.size()) answers_.resize(2 * known_);
    answers_[known_++] = answer;
    next_ = known_;
  }

  Strategy* strategy_ = nullptr;
  std::vector<uint8_t> answers_;  // the first known_ of them
  size_t known_ = 0;
  size_t next_ = 0;
  bool force_newest_ = false;
  Limits met_ = 0;
};

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_DECISION_GATE_H_
