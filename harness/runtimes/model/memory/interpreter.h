// Runs litmus tests on a memory model, without the bridge. Testing only.

#ifndef RACELAB_RUNTIMES_MODEL_MEMORY_INTERPRETER_H_
#define RACELAB_RUNTIMES_MODEL_MEMORY_INTERPRETER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "runtimes/model/memory/litmus.h"
#include "runtimes/model/memory/shadow.h"
#include "runtimes/model/memory_model.h"
#include "runtimes/model/strategy.h"

namespace racelab::model {

// Depth-first through every decision, without any reduction.
class NaiveSearch final : public Strategy {
 public:
  void BeginExecution() override { at_ = 0; }
  ThreadId ChooseThread(const SchedulePoint& point) override;
  unsigned Choose(DecisionKind kind, unsigned n, ThreadId thread,
                  const PendingOp& op) override;
  bool EndExecution(ExecutionEnd end) override;
  std::string Name() const override { return "naive"; }
  bool Exhausted() const override { return finished_; }

 private:
  struct Node {
    uint8_t chosen;
    uint8_t alternatives;
  };
  unsigned Next(unsigned alternatives);

  std::vector<Node> path_;
  size_t at_ = 0;
  bool finished_ = false;
};

class LitmusRunner {
 public:
  // Both outlive the runner.
  LitmusRunner(const LitmusTest& test, MemoryModel& model);

  // One execution; `*outcome` is set if it was completed (also by a race).
  ExecutionEnd Run(Strategy& strategy, LitmusOutcome* outcome);

 private:
  struct Thread {
    size_t next = 0;  // operation
    std::vector<Timestamp> current, acquire_fence, release_fence;
  };
  struct alignas(16) Cell {
    int32_t value = 0;
  };

  const LitmusOp* NextOp(size_t thread);
  bool Step(ThreadId thread, Strategy& strategy);
  bool RunPlain(ThreadId thread);
  int ValueOf(const LitmusOp& op) const;
  uintptr_t AddressOf(const LitmusOp& op) const;
  PendingOp Announce(const LitmusOp& op) const;

  const LitmusTest& test_;
  MemoryModel& model_;
  Shadow shadow_;
  std::vector<Cell> memory_;
  std::vector<int> registers_;
  std::vector<Thread> threads_;
  std::vector<ThreadClocks> clocks_;
  struct Mutex {
    ThreadId owner = -1;
    std::vector<Timestamp> clock;
  };
  std::vector<Mutex> mutexes_;
  uint64_t step_ = 0;
  RaceInfo race_;
};

// Every outcome that the search finds. `*executions`, where given, counts
// those that were completed. An empty `*error` says that nothing went wrong,
// else why the outcomes mean nothing.
LitmusOutcomes Explore(const LitmusTest& test, MemoryModel& model,
                       Strategy& strategy, uint64_t* executions,
                       std::string* error);

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_MEMORY_INTERPRETER_H_
