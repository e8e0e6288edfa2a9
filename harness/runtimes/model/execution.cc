#include "runtimes/model/execution.h"

#include <utility>

#include "runtimes/model/bridge/call_stack.h"
#include "runtimes/model/decision_gate.h"
#include "runtimes/model/engine.h"
#include "runtimes/model/platform/fiber.h"
#include "runtimes/model/platform/module_state.h"
#include "runtimes/model/sync_objects.h"
#include "runtimes/model/waiting.h"

namespace racelab::model {
namespace {

// When nobody but spinners can run, and none of them changes anything for so
// many of their steps, nobody ever will.
constexpr uint32_t kIdleRounds = 2000;
// … fewer, if each of them is known to go in a circle.
constexpr uint32_t kCertainIdleRounds = 32;
// From then on they take turns, for a few steps each: a strategy that lets one
// of them look again and again, just when it cannot get on, is not fair.
constexpr uint32_t kUnfairIdleRounds = 64;
constexpr uint32_t kMostStepsInTurn = 8;
// How deep an atomic wait may lie in libstdc++'s functions.
constexpr int kLibraryFrames = 6;

// The gaps keep the starts of the arrays in different lines of the processor's
// cache.
struct Frames {
  uintptr_t frames[ThreadState::kMaxFrames];
  uint64_t gap[16];
  uint64_t sites[ThreadState::kMaxFrames];
  uint64_t other_gap[24];
};
Frames frame_storage[kMaxThreads];
ThreadState::Destructor destructor_storage[kMaxThreads]
                                          [ThreadState::kMaxDestructors];

constexpr uint32_t Bit(ThreadId thread) { return uint32_t{1} << thread; }

// Whose turn it is among those whose bits are set, two at least.
ThreadId TakeTurns(uint32_t among) {
  Execution& e = execution;
  if (e.steps_in_turn > 0 && (among & Bit(e.in_turn)) != 0) {
    --e.steps_in_turn;
    return e.in_turn;
  }
  const uint32_t later = among & ~((Bit(e.in_turn) << 1) - 1);
  e.in_turn = __builtin_ctz(later != 0 ? later : among);
  // Not as many for each: two that do the same would do so for ever.
  e.steps_in_turn = Mix(e.idle_rounds, e.in_turn) % kMostStepsInTurn;
  return e.in_turn;
}

// Nobody can run of themselves: lets time pass, or spinners look again.
// Returns who can run then.
[[gnu::noinline, gnu::cold]] uint32_t RunIdle() {
  Execution& e = execution;
  if (e.changes != e.changes_at_idle) {
    e.changes_at_idle = e.changes;
    e.idle_rounds = 0;
  }
  const bool certain = e.timed == 0 && (e.runnable & ~e.circling) == 0;
  if (++e.idle_rounds > (certain ? kCertainIdleRounds : kIdleRounds)) {
    Fail(verdict::FailureKind::kLivelock,
         "The threads keep looking at what nobody is going to change.");
  }
  ThreadId first = -1;
  for (uint32_t left = e.timed; left != 0; left &= left - 1) {
    const ThreadId t = __builtin_ctz(left);
    if (first < 0 || e.threads[t].deadline < e.threads[first].deadline) {
      first = t;
    }
  }
  // A timed wait ends before spinners get their turn only if they had it.
  bool time_passes = first >= 0 && (e.runnable == 0 || e.idle_rounds % 4 == 3);
  uint32_t enabled = e.runnable;
  const uint32_t all = e.runnable | (first >= 0 ? Bit(first) : 0);
  if (e.idle_rounds > kUnfairIdleRounds && (all & (all - 1)) != 0) {
    enabled = Bit(TakeTurns(all));
    time_passes = (enabled & e.runnable) == 0;
    Withhold(Limit::kFairness);
  }
  if (time_passes) {
    ThreadState& thread = e.threads[first];
    if (thread.deadline > e.now) e.now = thread.deadline;
    CancelWait(first);
    thread.wake = WakeReason::kTimeout;
    Unblock(first);
    return Bit(first);
  }
  if (enabled == 0) ReportDeadlock();
  return enabled;
}

}  // namespace

Execution execution;
bool (*race_is_librarys)(uintptr_t pc) = nullptr;
bool (*look_is_librarys)(uintptr_t pc) = nullptr;
std::vector<std::string> (*library_functions)(
    const std::vector<uintptr_t>& stack) = nullptr;

void ResetExecution() {
  Execution& e = execution;
  e.inside = true;
  e.current = 0;
  e.accesses = 0;
  e.runnable = 1;
  e.spinning = e.circling = e.endless = 0;
  e.timed = e.next_in_turn = 0;
  e.created = 1;
  e.finished = 0;
  e.joined = 0;
  e.locks = 0;
  e.sole = true;
  e.freed = false;
  e.yielded = e.in_vain = false;
  e.step = 0;
  e.fingerprint = 0;
  e.now = 0;
  e.changes = 0;
  e.changes_at_idle = 0;
  e.idle_rounds = 0;
  e.in_turn = 0;
  e.steps_in_turn = 0;
  e.changes_at_look = 0;
  e.looks = 0;
  e.spurious_total = 0;
  e.weak_failures = 0;
  e.reuses = 0;
  e.random_state = 1;
  e.ended = false;
  e.limits = 0;
  e.unfinished_write = 0;
  e.overflow = false;
  if (e.result.end != ExecutionEnd::kComplete) e.result = ExecutionResult();
  e.result.steps = 0;
  StartThreadState(0);
}

void BeginMemory() {
  Execution& e = execution;
  e.memory->BeginExecution(e.capacity, e.clocks, e.strategy);
  e.shadow->BeginExecution(e.capacity, e.clocks);
}

void StartThreadState(ThreadId id) {
  ThreadState& t = execution.threads[id];
  execution.pending[id] = PendingOp{.kind = OpKind::kStart};
  t.spin.Reset();
  t.changes = 0;
  t.finished = t.detached = t.joined = t.timed = false;
  t.waits_for = t.queued_on = t.relock = t.woke_from = nullptr;
  t.loaded = 0;
  t.joiners = 0;
  t.held_count = 0;
  t.missed = nullptr;
  t.passed_over = 0;
  t.timeouts_taken = 0;
  t.spurious_taken = 0;
  t.spurious_state = 0;
  t.result = nullptr;
  t.live_stack = 0;
  t.depth = 0;
  t.holding_since = 0;
  t.frames = frame_storage[id].frames;
  t.sites = frame_storage[id].sites;
  t.destructors = 0;
  t.destructor_list = destructor_storage[id];
  t.at_exit = nullptr;
  if (t.used_keys) {
    for (void*& value : t.keys) value = nullptr;
    t.used_keys = false;
  }
}

void Schedule(const PendingOp& op) {
  Execution& e = execution;
  const ThreadId before = e.current;
  e.pending[before] = op;
  const ThreadId next = PickThread();
  if (next != before) e.engine->SwitchTo(next);
}

void Block(ThreadId thread) {
  execution.runnable &= ~Bit(thread);
  if (execution.threads[thread].timed) execution.timed |= Bit(thread);
}

void LetTry(ThreadId thread) {
  execution.runnable |= Bit(thread);
  execution.timed &= ~Bit(thread);
}

void Unblock(ThreadId thread) {
  LetTry(thread);
  execution.threads[thread].timed = false;
}

void BlockCurrent() {
  Block(execution.current);
  const ThreadId before = execution.current;
  const ThreadId next = PickThread();
  if (next != before) execution.engine->SwitchTo(next);
}

void Executed(const PendingOp& op) {
  Execution& e = execution;
  e.fingerprint =
      Mix(e.fingerprint, op.object ^ (static_cast<uint64_t>(op.kind) << 48) ^
                             (static_cast<uint64_t>(e.current) << 56));
  e.strategy->Executed(e.current, op);
}

unsigned Choose(DecisionKind kind, unsigned n, const PendingOp& op) {
  if (n <= 1) return 0;
  return execution.strategy->Choose(kind, n, execution.current, op);
}

ThreadId PickThread() {
  Execution& e = execution;
  e.accesses = 0;
  if (++e.step > e.max_steps) [[unlikely]] {
    EndExecution(ExecutionEnd::kTruncated);
  }
  uint32_t enabled = e.runnable & ~e.spinning;
  uint32_t spinning = 0;
  if (enabled == 0) [[unlikely]] {
    enabled = RunIdle();
    spinning = enabled & e.spinning;
  }
  if (const uint32_t first = enabled & e.next_in_turn;
      first != 0 && first != enabled) [[unlikely]] {
    enabled = first;
    Withhold(Limit::kFairness);
  }
  SchedulePoint point;
  point.current = e.current;
  point.current_enabled = (enabled & Bit(e.current)) != 0;
  point.yielded = e.yielded;
  point.in_vain = e.in_vain;
  point.enabled = enabled;
  point.spinning = spinning;
  point.pending = e.pending;
  point.step = e.step;
  e.yielded = e.in_vain = false;
  const ThreadId chosen = e.strategy->ChooseThread(point);
  if (chosen < 0) [[unlikely]] {
    EndExecution(ExecutionEnd::kPruned);
  }
  if (chosen != e.current) {
    e.current = chosen;
    e.shadow->SetThread(chosen);
  }
  e.memory->SetStep(e.step);
  return chosen;
}

namespace {

// Is the repetition known to be in vain? Where the thread takes locks on its
// circle, others may see them taken each time round: the locks are marked.
bool InVain(uintptr_t pc, uintptr_t object) {
  Execution& e = execution;
  ThreadState& self = e.self();
  bool locks = false;
  self.spin.ForEachObject([&locks](uintptr_t address) {
    SyncObject* known = address == 0 ? nullptr : FindSync(address);
    if (known == nullptr) return;
    known->circled |= Bit(execution.current);
    locks = true;
  });
  if (self.spin.Proven(SiteOf(pc), object)) {
    if (!locks) e.circling |= Bit(e.current);
    return true;
  }
  if (look_is_librarys == nullptr) return false;
  Bridge bridge;
  if (look_is_librarys(pc)) return true;
  uint32_t depth = self.depth < ThreadState::kMaxFrames
                       ? self.depth
                       : ThreadState::kMaxFrames;
  for (int i = 0; i < kLibraryFrames && depth > 0; ++i) {
    if (look_is_librarys(self.frames[--depth])) return true;
  }
  return false;
}

}  // namespace

void WithholdRepetition(uintptr_t pc, uintptr_t object) {
  if ((execution.limits & SetOf(Limit::kRetries)) == 0 && !InVain(pc, object)) {
    Withhold(Limit::kRetries);
  }
}

bool YieldIsInVain(uintptr_t pc) { return InVain(pc, 0); }

void NoteRead(uintptr_t pc, uintptr_t object, uint64_t value, int repeats) {
  Execution& e = execution;
  if (e.created == 1) return;
  const uint64_t site = SiteOf(pc);
  SpinDetector& spin = e.self().spin;
  const int count = spin.Read(site, object, value);
  if (count == 0) return;
  if ((e.limits & SetOf(Limit::kRetries)) == 0 &&
      spin.WantsState(site, object)) {
    spin.AddState(site, object, LocalState());
  }
  if (count > repeats) {
    e.spinning |= Bit(e.current);
    WithholdRepetition(pc, object);
  }
}

void WakeSpinners(uintptr_t object, bool changed) {
  Execution& e = execution;
  for (uint32_t left = e.spinning & ~Bit(e.current); left != 0;
       left &= left - 1) {
    const ThreadId t = __builtin_ctz(left);
    if (e.threads[t].spin.Watches(object, changed)) {
      e.threads[t].spin.Reset();
      e.spinning &= ~Bit(t);
      e.circling &= ~Bit(t);
    }
  }
}

void NoteChange(uintptr_t object) {
  Execution& e = execution;
  ThreadState& self = e.self();
  ++e.changes;
  ++self.changes;
  self.spin.Reset();
  e.circling &= ~Bit(e.current);
  if (e.spinning != 0) {
    e.spinning &= ~Bit(e.current);
    WakeSpinners(object, true);
  }
}

void EndExecution(ExecutionEnd end) {
  Execution& e = execution;
  e.inside = true;
  e.ended = true;
  SetActive(false);
  e.result.end = end;
  e.engine->Abandon();
  __builtin_unreachable();  // GCC forgets [[noreturn]] in virtual calls
}

void Fail(verdict::FailureKind kind, std::string message, uintptr_t pc,
          uintptr_t object, size_t object_size) {
  Execution& e = execution;
  e.inside = true;
  Failure failure;
  failure.kind = kind;
  failure.message = std::move(message);
  failure.thread = e.current;
  failure.pc = pc;
  failure.object = object;
  failure.object_size = object_size;
  if (Event* event = LogEvent(EventKind::kFailure, object,
                              static_cast<uint32_t>(object_size), pc)) {
    event->detail = failure.message;
  }
  e.result.failure = std::move(failure);
  EndExecution(ExecutionEnd::kFailed);
}

void FailAt(std::string message, std::string file, int line) {
  Execution& e = execution;
  e.inside = true;
  Failure failure;
  failure.kind = verdict::FailureKind::kWrongResult;
  failure.message = std::move(message);
  failure.thread = e.current;
  failure.file = std::move(file);
  failure.line = line;
  if (Event* event = LogEvent(EventKind::kExpectationFailed, 0, 0, 0)) {
    event->detail = failure.message;
  }
  e.result.failure = std::move(failure);
  EndExecution(ExecutionEnd::kFailed);
}

void NeedMoreThreads() {
  execution.overflow = true;
  EndExecution(ExecutionEnd::kTruncated);
}

void Unsupported(std::string sentence, std::string mend) {
  execution.inside = true;
  execution.result.unsupported = std::move(sentence);
  execution.result.mend = std::move(mend);
  EndExecution(ExecutionEnd::kTruncated);
}

// Where a debugger stops (engines/gdb_script.h): on the stack of the thread
// that takes the step, before it has its effect.
extern "C" [[gnu::noinline, gnu::used]] void racelab_step(uint64_t number,
                                                          int thread) {
  asm volatile("" ::"r"(number), "r"(thread) : "memory");
}

Event* LogEvent(EventKind kind, uintptr_t object, uint32_t size, uintptr_t pc) {
  Execution& e = execution;
  if (e.log == nullptr) return nullptr;
  if (e.unfinished_write != 0) FinishLoggedWrite();
  Event& event = e.log->events.emplace_back();
  event.kind = kind;
  event.thread = e.current;
  event.step = e.step;
  event.object = object;
  event.size = size;
  const ThreadState& thread = e.self();
  uint32_t depth = thread.depth;
  if (depth > ThreadState::kMaxFrames) depth = ThreadState::kMaxFrames;
  event.stack.reserve(depth + 1);
  if (pc != 0) event.stack.push_back(pc);
  while (depth > 0) event.stack.push_back(thread.frames[--depth]);
  // Called from a library: the module's innermost line is not among these.
  // Of another thread than the one that runs (a deadlock tells of all) the
  // stack cannot be walked.
  const auto here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  const bool runs =
      e.active && here >= StackLow(e.current) && here < StackHigh(e.current);
  const bool from_library =
      runs && (pc == 0 ? kind == EventKind::kExpectationFailed
                       : !module_state.Contains(pc));
  // A thread stops where it synchronizes: its locals are named by the frames
  // that it has there.
  const bool may_stop =
      runs && kind != EventKind::kPlainRead && kind != EventKind::kPlainWrite;
  if (from_library || may_stop) {
    const auto frames = ModuleFrames();
    if (!frames.empty()) {
      if (from_library) {
        event.stack.clear();
        for (const auto& frame : frames) event.stack.push_back(frame.pc);
      }
      auto& stacks = e.log->stacks;
      if (stacks.size() < kMaxThreads) stacks.resize(kMaxThreads);
      stacks[e.current].frames = frames;
    }
  }
  if (runs) racelab_step(e.log->events.size(), e.current);
  return &event;
}

}  // namespace racelab::model
