// The seam between the model checker's world, which runs one execution, and a
// search strategy, which decides what happens in it.
//
// Everything that can turn out one way or the other in an execution is a
// Decision, and all decisions of an execution form one stream, in the order in
// which they were asked for. A stream determines the execution: replay,
// shrinking and sharding work on streams and know nothing of the program.

#ifndef RACELAB_RUNTIMES_MODEL_STRATEGY_H_
#define RACELAB_RUNTIMES_MODEL_STRATEGY_H_

#include <cstdint>
#include <string>
#include <vector>

#include "runtimes/model/op.h"

namespace racelab::model {

enum class DecisionKind : uint8_t {
  kThread,     // which thread runs next
  kReadsFrom,  // which store a load or RMW reads; 0 is the newest
  kPlacement,  // where a store goes in modification order; 0 is last
  kTimeout,    // whether a timed wait times out now; 0 is no
  kSpurious,   // whether a wait wakes spuriously; 0 is no
  kWeakFail,   // whether a weak compare-exchange fails spuriously; 0 is no
  kWaiter,     // which waiter a notify wakes; 0 is the longest waiting
  kReuse,      // which freed block an allocation gets; 0 is none: a fresh one
  kOther,
};

struct Decision {
  DecisionKind kind = DecisionKind::kThread;
  uint8_t alternatives = 1;  // how many there were
  uint8_t chosen = 0;        // for kThread: the thread's id
  bool operator==(const Decision&) const = default;
};

// What the world knows when it must pick the thread that runs next.
struct SchedulePoint {
  ThreadId current = 0;         // who ran until now
  bool current_enabled = true;  // false: it blocked or ended; a switch is free
  bool yielded = false;         // current asked to let others go (yield, spin)
  bool in_vain = false;         // … and provably went in a circle since it did
                                // so before: others lose nothing
  uint32_t enabled = 0;         // bit i: thread i can run; never 0
  uint32_t spinning = 0;        // bit i: thread i rereads what has not changed
                                // and is enabled only because nobody else is
  const PendingOp* pending = nullptr;  // by thread id: what each does next
  uint64_t step = 0;  // schedule points so far, this one included: from 1
};

// Returned for a thread by ChooseThread: this execution repeats one that was
// explored already; the world abandons it at once and calls EndExecution with
// kPruned.
inline constexpr ThreadId kPrune = -1;

enum class ExecutionEnd : uint8_t {
  kComplete,   // ran to its end, nothing wrong
  kFailed,     // a finding
  kPruned,     // by the strategy
  kTruncated,  // a step limit was reached: nothing can be said
};

// One search. Calls come in the order
//   BeginExecution (ChooseThread | Choose | Executed)* EndExecution
// as long as EndExecution returns true. Single-threaded.
class Strategy {
 public:
  virtual ~Strategy() = default;

  virtual void BeginExecution() = 0;

  // A thread id whose bit in `point.enabled` is set, or kPrune.
  virtual ThreadId ChooseThread(const SchedulePoint& point) = 0;

  // One of 0 … n-1, n >= 1. Not called for kThread. `op` is what the thread is
  // doing.
  virtual unsigned Choose(DecisionKind kind, unsigned n, ThreadId thread,
                          const PendingOp& op) = 0;

  // A thread has carried out the operation it announced; `op` may say more than
  // the announcement did (a compare-exchange that failed is a kLoad, a try_lock
  // that failed changed nothing). Used by reduction.
  virtual void Executed(ThreadId thread, const PendingOp& op) {
    (void)thread;
    (void)op;
  }

  // Whether the world may end this execution with kPruned where it sees that
  // one which differs from it in an earlier decision of lower number is the
  // same, step by step: for searches that come by both.
  virtual bool SkipsRepetitions() const { return false; }

  // False when the search has nothing left to explore.
  virtual bool EndExecution(ExecutionEnd end) = 0;

  // For evidence: "full", "bounded 2", "pct 3", "random".
  virtual std::string Name() const = 0;
  // True once every execution (up to equivalence) has been seen.
  virtual bool Exhausted() const = 0;
};

using DecisionStream = std::vector<Decision>;

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_STRATEGY_H_
