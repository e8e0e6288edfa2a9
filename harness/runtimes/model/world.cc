#include "runtimes/model/world.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "runtimes/model/bridge/heap.h"
#include "runtimes/model/bridge/leaks.h"
#include "runtimes/model/bridge/pointers.h"
#include "runtimes/model/bridge/process.h"
#include "runtimes/model/bridge/thread_exit.h"
#include "runtimes/model/decision_gate.h"
#include "runtimes/model/engine.h"
#include "runtimes/model/execution.h"
#include "runtimes/model/labels.h"
#include "runtimes/model/memory/shadow.h"
#include "runtimes/model/memory/store_histories.h"
#include "runtimes/model/platform/arena.h"
#include "runtimes/model/platform/fiber.h"
#include "runtimes/model/platform/module_state.h"
#include "runtimes/model/platform/signals.h"
#include "runtimes/model/relacy_histories.h"
#include "runtimes/model/sync_objects.h"

namespace racelab::model {
namespace {

constexpr int kFirstCapacity = 4;

class ProgramWorld final : public World {
 public:
  ProgramWorld(void (*body)(), const WorldOptions& options)
      : body_(body), options_(options) {
    labels.reached.Clear();
    labels.expected.Clear();
  }

  const ExecutionResult& Run(Strategy& strategy, EventLog* log) override {
    gate_.Begin(strategy);
    Execution& e = execution;
    for (;;) {
      const absl::StatusOr<Engine*> engine = Engine::ForThreads(capacity_);
      if (!engine.ok()) {
        ExecutionResult& result = e.result;
        result = ExecutionResult();
        result.end = ExecutionEnd::kTruncated;
        result.unsupported = std::string(engine.status().message());
        gate_.EndExecution(result.end);
        return result;
      }
      Start(**engine, log);
      (*engine)->Iterate();
      SetActive(false);
      e.inside = false;
      if (!e.overflow) break;
      capacity_ = e.capacity + 1;
      gate_.Rewind();
    }
    if (!e.ended) FindLeaks();
    if (log != nullptr) FinishLog(*log);
    e.log = nullptr;
    e.result.steps = e.step;
    if (e.memory->clipped()) Withhold(Limit::kOldStores);
    e.result.limits = e.limits;
    if (e.result.end == ExecutionEnd::kComplete) gate_.AddMet(e.limits);
    e.result.fingerprint = e.fingerprint;
    gate_.EndExecution(e.result.end);
    return e.result;
  }

  const std::vector<std::string>& reached() const override {
    return labels.reached.names();
  }
  const std::vector<verdict::Label>& expected() const override {
    return labels.expected.labels();
  }
  const MemoryModel& memory_model() const override { return Memory(); }

 private:
  // Their tables are large and keep their memory from one test to the next.
  MemoryModel& Memory() const {
    static auto* memory = new StoreHistories;
    static auto* relacy = new RelacyHistories(*memory);
    if (options_.relacy_memory) return *relacy;
    return *memory;
  }
  static Shadow& Races() {
    static auto* shadow = new Shadow;
    return *shadow;
  }

  void Start(Engine& engine, EventLog* log) {
    Execution& e = execution;
    module_state.Restore();
    heap_arena.Restore();
    e.engine = &engine;
    e.capacity = engine.capacity();
    e.strategy = &gate_;
    e.memory = &Memory();
    e.shadow = &Races();
    e.body = body_;
    e.max_steps = options_.max_steps;
    e.strengthened =
        options_.strengthened.empty() ? nullptr : &options_.strengthened;
    e.holding = options_.holding.mutex == 0 ? nullptr : &options_.holding;
    e.log = log;
    if (log != nullptr) {
      log->events.clear();
      log->heap.clear();
      log->stacks.clear();
      log->pointers.clear();
    }
    ResetExecution();
    ResetSyncObjects();
    ResetKeys();
  }

  static void FinishLog(EventLog& log) {
    Execution& e = execution;
    if (e.unfinished_write != 0) FinishLoggedWrite();
    LogHeap();
    LogPointers();
    // Their frames were noted as the events came.
    log.stacks.resize(static_cast<size_t>(e.created));
    for (int t = 0; t < e.created; ++t) {
      EventLog::Stack& stack = log.stacks[t];
      stack.low = StackLow(t);
      stack.high = StackHigh(t);
      stack.tls = e.threads[t].thread_locals;
    }
  }

  void (*const body_)();
  const WorldOptions options_;
  int capacity_ = kFirstCapacity;
  DecisionGate gate_;
};

}  // namespace

Labels labels;

bool World::SaveProgram(uintptr_t address_within) {
  if (module_state.Contains(address_within)) return true;
  if (!module_state.Save(address_within)) return false;
  heap_arena.Save();
  ChooseThreadPointerMode(module_state.has_thread_locals());
  return true;
}

void World::RestoreProgram() {
  module_state.Restore();
  heap_arena.Restore();
}

std::unique_ptr<World> World::Create(void (*body)(),
                                     const WorldOptions& options) {
  if (!SaveProgram(reinterpret_cast<uintptr_t>(body))) return nullptr;
  WatchSignals();
  WatchTerminate();
  return std::make_unique<ProgramWorld>(body, options);
}

}  // namespace racelab::model
