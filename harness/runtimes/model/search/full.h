// Exhaustive search with sleep sets: of executions that differ only in the
// order of steps that commute, one is run to its end.
//
// Sources: Godefroid, "Partial-order methods for the verification of concurrent
// systems", LNCS 1032, chapter 5 (sleep sets); Abdulla, Aronis, Jonsson,
// Sagonas, "Optimal dynamic partial order reduction", POPL 2014, section 4 (why
// sleep sets alone leave exactly one complete execution per equivalence class).
// Which steps commute is the memory model's answer (MemoryModel::Commutes).
//
// Weak memory: a load of x and another thread's store to x commute unless the
// load reads that store. So a sleeping load that a store passes is woken
// *conditionally*: it may run, but reads only stores made since it fell asleep;
// reading older ones was explored before.
//
// Bad at: programs with more than some millions of interleavings. Depth-first
// order stays in one corner of the tree for long: a bug that needs an early
// switch is found last. A prefix that only sleeping threads
// could continue is still run up to the point where that shows.
//
// What "exhausted" covers: every execution, within the limits that were met
// (limits.h). Two things cut executions that could go on for ever. The world
// makes a thread wait that repeats a read in vain (spin.h); and fairness.h one
// that gives way. Both lose no reachable state where the thread has provably
// come back to the state it was in, since whatever a run reaches that goes
// round a circle, the run without it reaches too; where that is not proven,
// e.g. because a thread counts its attempts, it counts as a limit. Circles that
// several threads go round together (std::scoped_lock backing off in step) are
// not cut: such a search does not end, and is not "exhausted".

#ifndef RACELAB_RUNTIMES_MODEL_SEARCH_FULL_H_
#define RACELAB_RUNTIMES_MODEL_SEARCH_FULL_H_

#include <cstdint>
#include <string>

#include "runtimes/model/memory_model.h"
#include "runtimes/model/search/decision_tree.h"
#include "runtimes/model/search/fairness.h"
#include "runtimes/model/search/recording.h"
#include "runtimes/model/strategy.h"

namespace racelab::model {

class FullSearch : public RecordingStrategy {
 public:
  // `memory` outlives the search; nullptr: no reduction.
  explicit FullSearch(const MemoryModel* memory, Shard shard = {})
      : memory_(memory), tree_(shard) {}

  void BeginExecution() override;
  ThreadId ChooseThread(const SchedulePoint& point) override;
  unsigned Choose(DecisionKind kind, unsigned n, ThreadId thread,
                  const PendingOp& op) override;
  void Executed(ThreadId thread, const PendingOp& op) override;
  bool SkipsRepetitions() const override { return memory_ != nullptr; }
  bool EndExecution(ExecutionEnd end) override;
  std::string Name() const override { return "full"; }
  bool Exhausted() const override {
    return finished_ && !clipped_ && !diverged_ && truncated_ == 0;
  }
  bool more() const override { return !finished_; }
  bool owned() const override { return owned_; }
  bool diverged() const override { return diverged_; }
  Limits limits() const override { return fairness_.limits(); }

 private:
  using Mask = uint32_t;

  void EnterNode(const DecisionTree::Node& node, const SchedulePoint& point);
  void FinishStep();
  void Wake(const PendingOp& executed);
  void Run(ThreadId thread, const SchedulePoint& point);

  const MemoryModel* const memory_;
  DecisionTree tree_;
  Fairness fairness_;

  // The sleep set: threads whose next step need not be explored from here, and
  // those whose next step, a load, need only read stores since since_[t].
  Mask asleep_ = 0;
  Mask conditional_ = 0;
  uint64_t since_[kMaxThreads] = {};
  PendingOp sleeping_op_[kMaxThreads];  // of threads in either set

  ThreadId running_ = 0;
  PendingOp running_op_;
  bool step_reported_ = true;      // Executed() was called for the last step
  bool restricted_ = false;        // running_ was asleep conditionally …
  uint64_t restricted_since_ = 0;  // … since then

  bool prune_ = false;
  bool owned_ = true;
  bool diverged_ = false;
  bool clipped_ = false;
  bool finished_ = false;
  uint64_t truncated_ = 0;
};

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_SEARCH_FULL_H_
