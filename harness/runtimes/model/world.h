// The world: runs one execution of a scenario on Relacy's context, threads,
// locks and clocks, asking a Strategy for every decision.
//
// A World is made once per test; Run() is called once per execution and leaves
// nothing behind: the module's globals, its TLS image and the heap start afresh
// each time.

#ifndef RACELAB_RUNTIMES_MODEL_WORLD_H_
#define RACELAB_RUNTIMES_MODEL_WORLD_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "runtimes/model/event.h"
#include "runtimes/model/limits.h"
#include "runtimes/model/memory_model.h"
#include "runtimes/model/strategy.h"
#include "verdict/judgement.h"
#include "verdict/verdict.h"

namespace racelab::model {

// Plays an atomic access as if the program had given it at least this order;
// for asking whether a repair would help (search/hints.h).
struct Strengthening {
  uintptr_t pc = 0;  // of the access, as in Event::stack; 0: of every one
  Order order = Order::kSeqCst;
};

// Plays the program as if each of some functions held a mutex from its entry to
// its return, taken once more where the program takes it itself; likewise for
// asking whether that would help.
struct Holding {
  struct Code {
    uintptr_t begin = 0;  // addresses of a function's instructions
    uintptr_t end = 0;
  };
  std::vector<Code> functions;
  uintptr_t mutex = 0;  // its address; 0: nothing is held
};

struct WorldOptions {
  uint64_t max_steps = 20000;  // schedule points of one execution
  std::vector<Strengthening> strengthened = {};
  Holding holding = {};
  bool relacy_memory = false;  // Relacy's own histories (relacy_histories.h)
};

// The weakest order that is as strong as both.
constexpr Order Stronger(Order a, Order b) {
  if (a == b || b == Order::kRelaxed) return a;
  if (a == Order::kRelaxed) return b;
  return a == Order::kSeqCst || b == Order::kSeqCst ? Order::kSeqCst
                                                    : Order::kAcqRel;
}

// Why an execution failed, before anybody has looked up names.
struct Failure {
  verdict::FailureKind kind = verdict::FailureKind::kWrongResult;
  std::string message;
  ThreadId thread = 0;
  uintptr_t pc = 0;      // in the module, where known
  uintptr_t object = 0;  // address of the variable or lock concerned
  size_t object_size = 0;
  std::string file;  // of a failed expectation
  int line = 0;
};

struct ExecutionResult {
  ExecutionEnd end = ExecutionEnd::kComplete;
  Failure failure;           // if end is kFailed
  std::string unsupported;   // not empty: a sentence; the test is inconclusive
  std::string mend;          // then: what to do, where there is more to say
  uint64_t steps = 0;        // schedule points
  Limits limits = 0;         // met
  uint64_t fingerprint = 0;  // of the visible operations: equal streams must
                             // give equal fingerprints, or the scenario is not
                             // deterministic
};

// What an execution costs, in schedule points: to begin one takes about as long
// as fifty of them.
inline uint64_t EffortOf(const ExecutionResult& execution) {
  return 50 + execution.steps;
}

class World {
 public:
  // Remembers the module's globals and the heap as they are; `address_within`
  // is any address of the module. Only the first call counts: make it before
  // any test has run. False: there is no such module.
  static bool SaveProgram(uintptr_t address_within);
  // Puts back what SaveProgram remembered.
  static void RestoreProgram();

  // `body` is the scenario's; it lives in the loaded module.
  static std::unique_ptr<World> Create(void (*body)(),
                                       const WorldOptions& options);
  virtual ~World() = default;

  // One execution, strategy.BeginExecution() and EndExecution() included.
  // `log`, where given, receives every event (slower). The result is good until
  // the next call.
  virtual const ExecutionResult& Run(Strategy& strategy, EventLog* log) = 0;

  // Labels that REACHED() has seen, and those that EXPECT_REACHABLE() asks for,
  // over all executions so far.
  virtual const std::vector<std::string>& reached() const = 0;
  virtual const std::vector<verdict::Label>& expected() const = 0;

  // The model in use, for Commutes().
  virtual const MemoryModel& memory_model() const = 0;
};

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_WORLD_H_
