// A World for tests of the search: small programs as lists of operations on
// shared integers and locks, with sequentially consistent or weak memory.
//
// Weak memory here is release/acquire/relaxed with one view per thread, each
// store placed last in modification order: enough for stale reads to be
// decisions, too simple to be a model of C++.

#ifndef RACELAB_RUNTIMES_MODEL_SEARCH_TOY_WORLD_H_
#define RACELAB_RUNTIMES_MODEL_SEARCH_TOY_WORLD_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "runtimes/model/event.h"
#include "runtimes/model/memory_model.h"
#include "runtimes/model/op.h"
#include "runtimes/model/strategy.h"
#include "runtimes/model/world.h"

namespace racelab::model {

struct ToyOp {
  enum class Kind {
    kLoad,   // reg = object
    kStore,  // object = value, or = reg + value if reg >= 0
    kAdd,    // reg = object, object += value, in one step
    kLock,
    kUnlock,
    kYield,
    kSpinUntil,   // rereads object until it is value
    kSkipUnless,  // local: skips `object` operations unless reg == value
    kExpect,      // local: fails unless reg == value
    kReached,     // local: label
    kUnstable,    // local: reg = a number that no two executions share
    kTimedWait,   // reg = whether it times out, a decision
  };
  Kind kind;
  int object = 0;
  int reg = -1;
  int64_t value = 0;
  Order order = Order::kRelaxed;
  const char* label = "";
};

// The code address of a thread's operation in events.
uintptr_t ToyPc(int thread, size_t operation);

// Constructors that read well.
ToyOp Load(int object, int reg, Order order = Order::kRelaxed);
ToyOp Store(int object, int64_t value, Order order = Order::kRelaxed);
ToyOp StoreReg(int object, int reg, int64_t plus);
ToyOp Add(int object, int64_t value, int reg = -1);
ToyOp Lock(int object);
ToyOp Unlock(int object);
ToyOp Yield();
ToyOp SpinUntil(int object, int64_t value, Order order = Order::kRelaxed);
ToyOp SkipUnless(int reg, int64_t value, int operations);
ToyOp Expect(int reg, int64_t value);
ToyOp Reached(const char* label);
ToyOp Unstable(int reg);
ToyOp TimedWait(int reg);

// Registers by thread, then the variables' final values.
using ToyOutcome = std::vector<int64_t>;

struct ToyProgram {
  std::vector<std::vector<ToyOp>> threads;
  bool weak = false;
  // Of a complete execution; nullptr: everything is fine.
  std::function<bool(const ToyOutcome&)> ok = nullptr;
  std::vector<verdict::Label> expected = {};
};

// `count` threads that each take two neighbouring locks; ordered: the last one
// takes them in the other order, and there is no deadlock.
ToyProgram Philosophers(int count, bool ordered);

// Up to three threads of up to `length` random operations on two variables and
// two locks; the same for the same number.
ToyProgram RandomToyProgram(uint64_t number, uint32_t length);

inline constexpr int kToyVariables = 8;
inline constexpr int kToyLocks = 8;
inline constexpr int kToyRegisters = 4;

class ToyMemory : public MemoryModel {
 public:
  explicit ToyMemory(bool weak) : weak_(weak) {}
  void BeginExecution(int, ThreadClocks*, Strategy*) override {}
  Value Load(const AtomicAccess&, ReadInfo*) override { return {}; }
  void Store(const AtomicAccess&, Value) override {}
  Value Rmw(const AtomicAccess&, Order, RmwFunction, const void*, bool*,
            ReadInfo*) override {
    return {};
  }
  void Fence(ThreadId, Order) override {}
  void Forget(uintptr_t, size_t) override {}
  void PlainStore(ThreadId, uintptr_t, size_t) override {}
  Commute Commutes(const PendingOp& a, const PendingOp& b) const override;
  uint64_t CandidateStep(unsigned index) const override {
    return index < candidates.size() ? candidates[index] : kUnknownStep;
  }

  std::vector<uint64_t> candidates;

 private:
  const bool weak_;
};

class ToyWorld : public World {
 public:
  explicit ToyWorld(ToyProgram program, WorldOptions options = {});

  const ExecutionResult& Run(Strategy& strategy, EventLog* log) override;
  const std::vector<std::string>& reached() const override { return reached_; }
  const std::vector<verdict::Label>& expected() const override {
    return program_.expected;
  }
  const MemoryModel& memory_model() const override { return memory_; }

  // What complete and failed executions led to, and how often.
  std::map<ToyOutcome, int> outcomes;
  std::set<ToyOutcome> Outcomes() const;
  bool count_outcomes = true;
  uint64_t runs = 0;

 private:
  struct StoreRecord {
    int64_t value = 0;
    uint64_t step = 0;
    uintptr_t pc = 0;
    std::vector<size_t> view;  // of a release store
  };
  struct Thread {
    size_t at = 0;
    int64_t regs[kToyRegisters] = {};
    std::vector<size_t> view;
    bool spun = false;        // has read an unwanted value …
    size_t spun_version = 0;  // … when the object had so many stores
  };

  const ToyOp* Next(size_t thread) const;
  bool Enabled(size_t thread) const;
  void Prepare();
  // One visible operation, then local ones. False if an expectation failed.
  bool Step(int thread, uint64_t step, Strategy& strategy, EventLog* log,
            ExecutionResult* result);
  bool RunLocal(int thread, uint64_t step, EventLog* log,
                ExecutionResult* result);
  int64_t ReadWeak(int thread, const ToyOp& op, const PendingOp& pending,
                   Strategy& strategy);
  void Write(int thread, const ToyOp& op, int64_t value, uint64_t step,
             uintptr_t pc);
  ToyOutcome Outcome() const;

  ExecutionResult result_;
  const ToyProgram program_;
  const WorldOptions options_;
  ToyMemory memory_;
  std::vector<Thread> threads_;
  std::vector<PendingOp> pending_;
  std::vector<StoreRecord> stores_[kToyVariables];
  int owner_[kToyLocks] = {};
  std::vector<size_t> lock_view_[kToyLocks];
  std::vector<std::string> reached_;
  uintptr_t read_from_ = 0;  // pc of the store that was read last
  int64_t unstable_ = 0;
};

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_SEARCH_TOY_WORLD_H_
