#include "runtimes/model/search/toy_world.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "runtimes/model/search/rng.h"

namespace racelab::model {

using Kind = ToyOp::Kind;

uintptr_t ToyPc(int thread, size_t operation) {
  return 1000 * static_cast<uintptr_t>(thread + 1) + operation;
}

ToyOp Load(int object, int reg, Order order) {
  return {Kind::kLoad, object, reg, 0, order};
}
ToyOp Store(int object, int64_t value, Order order) {
  return {Kind::kStore, object, -1, value, order};
}
ToyOp StoreReg(int object, int reg, int64_t plus) {
  return {Kind::kStore, object, reg, plus};
}
ToyOp Add(int object, int64_t value, int reg) {
  return {Kind::kAdd, object, reg, value, Order::kAcqRel};
}
ToyOp Lock(int object) { return {Kind::kLock, object}; }
ToyOp Unlock(int object) { return {Kind::kUnlock, object}; }
ToyOp Yield() { return {Kind::kYield}; }
ToyOp SpinUntil(int object, int64_t value, Order order) {
  return {Kind::kSpinUntil, object, -1, value, order};
}
ToyOp SkipUnless(int reg, int64_t value, int operations) {
  return {Kind::kSkipUnless, operations, reg, value};
}
ToyOp Expect(int reg, int64_t value) { return {Kind::kExpect, 0, reg, value}; }
ToyOp Reached(const char* label) {
  return {Kind::kReached, 0, -1, 0, Order::kRelaxed, label};
}
ToyOp Unstable(int reg) { return {Kind::kUnstable, 0, reg}; }
ToyOp TimedWait(int reg) { return {Kind::kTimedWait, 0, reg}; }

ToyProgram Philosophers(int count, bool ordered) {
  ToyProgram program;
  for (int i = 0; i < count; ++i) {
    int first = i;
    int second = (i + 1) % count;
    if (ordered && second < first) std::swap(first, second);
    program.threads.push_back(
        {Lock(first), Lock(second), Unlock(second), Unlock(first)});
  }
  return program;
}

ToyProgram RandomToyProgram(uint64_t number, uint32_t length) {
  Rng rng;
  rng.Seed(11, number);
  ToyProgram program;
  program.weak = rng.Below(2) == 0;
  const uint32_t threads = 2 + rng.Below(2);
  for (uint32_t t = 0; t < threads; ++t) {
    std::vector<ToyOp> ops;
    const uint32_t size = 1 + rng.Below(length - (threads == 3 ? 1 : 0));
    while (ops.size() < size) {
      const int object = static_cast<int>(rng.Below(2));
      const int reg = static_cast<int>(rng.Below(kToyRegisters));
      const Order order = rng.Below(2) == 0 ? Order::kRelaxed : Order::kAcqRel;
      switch (rng.Below(8)) {
        case 0:
        case 1:
          ops.push_back(Load(object, reg, order));
          break;
        case 2:
        case 3:
          ops.push_back(Store(
              object, static_cast<int64_t>(10 * t + ops.size() + 1), order));
          break;
        case 4:
          ops.push_back(Add(object, 100, reg));
          break;
        case 5:
          ops.push_back(Lock(object));
          ops.push_back(Load(2, reg, Order::kAcqRel));
          ops.push_back(StoreReg(2, reg, 1));
          ops.push_back(Unlock(object));
          break;
        case 6:
          ops.push_back(Load(object, reg, order));
          ops.push_back(SkipUnless(reg, 0, 1));
          ops.push_back(Store(1 - object, 7, order));
          break;
        case 7:
          ops.push_back(rng.Below(2) == 0 ? Yield() : TimedWait(reg));
          break;
      }
    }
    program.threads.push_back(ops);
  }
  return program;
}

MemoryModel::Commute ToyMemory::Commutes(const PendingOp& a,
                                         const PendingOp& b) const {
  if (a.kind == OpKind::kYield || b.kind == OpKind::kYield ||
      a.kind == OpKind::kWait || b.kind == OpKind::kWait ||
      a.object != b.object) {
    return Commute::kYes;
  }
  const bool a_load = a.kind == OpKind::kLoad;
  const bool b_load = b.kind == OpKind::kLoad;
  if (a_load && b_load) return Commute::kYes;
  if (!weak_) return Commute::kNo;
  // A release store's view may be acquired, but only by who reads from it.
  if (a_load) return Commute::kYes;
  return b_load ? Commute::kIfNotReadFrom : Commute::kNo;
}

ToyWorld::ToyWorld(ToyProgram program, WorldOptions options)
    : program_(std::move(program)),
      options_(std::move(options)),
      memory_(program_.weak),
      threads_(program_.threads.size()),
      pending_(program_.threads.size()) {}

std::set<ToyOutcome> ToyWorld::Outcomes() const {
  std::set<ToyOutcome> result;
  for (const auto& [outcome, count] : outcomes) result.insert(outcome);
  return result;
}

const ToyOp* ToyWorld::Next(size_t thread) const {
  const std::vector<ToyOp>& ops = program_.threads[thread];
  return threads_[thread].at < ops.size() ? &ops[threads_[thread].at] : nullptr;
}

bool ToyWorld::Enabled(size_t thread) const {
  const ToyOp* op = Next(thread);
  if (op == nullptr) return false;
  if (op->kind == Kind::kLock) return owner_[op->object] < 0;
  if (op->kind == Kind::kSpinUntil && threads_[thread].spun) {
    return stores_[op->object].size() != threads_[thread].spun_version;
  }
  return true;
}

// What each thread does next.
void ToyWorld::Prepare() {
  for (size_t t = 0; t < threads_.size(); ++t) {
    PendingOp& pending = pending_[t];
    pending = PendingOp{};
    const ToyOp* op = Next(t);
    if (op == nullptr) continue;
    pending.order = op->order;
    const uintptr_t pc = ToyPc(static_cast<int>(t), threads_[t].at);
    for (const Strengthening& change : options_.strengthened) {
      if (change.pc == pc) {
        pending.order = Stronger(pending.order, change.order);
      }
    }
    pending.size = 4;
    pending.object = 0x1000 + static_cast<uintptr_t>(op->object) * 8;
    switch (op->kind) {
      case Kind::kLoad:
      case Kind::kSpinUntil:
        pending.kind = OpKind::kLoad;
        break;
      case Kind::kStore:
        pending.kind = OpKind::kStore;
        break;
      case Kind::kAdd:
        pending.kind = OpKind::kRmw;
        break;
      case Kind::kLock:
      case Kind::kUnlock:
        pending.kind =
            op->kind == Kind::kLock ? OpKind::kLock : OpKind::kUnlock;
        pending.object += 0x1000;
        break;
      case Kind::kTimedWait:
        pending.kind = OpKind::kWait;
        break;
      default:
        pending.kind = OpKind::kYield;
        break;
    }
  }
}

int64_t ToyWorld::ReadWeak(int thread, const ToyOp& op,
                           const PendingOp& pending, Strategy& strategy) {
  const std::vector<StoreRecord>& stores = stores_[op.object];
  Thread& self = threads_[static_cast<size_t>(thread)];
  size_t& seen = self.view[static_cast<size_t>(op.object)];
  memory_.candidates.clear();
  for (size_t i = stores.size(); i > seen; --i) {
    memory_.candidates.push_back(stores[i - 1].step);
  }
  const unsigned n = static_cast<unsigned>(memory_.candidates.size());
  const unsigned choice =
      program_.weak && op.kind != Kind::kAdd
          ? strategy.Choose(DecisionKind::kReadsFrom, n, thread, pending)
          : 0;
  const size_t index = stores.size() - 1 - choice;
  seen = index;
  const StoreRecord& store = stores[index];
  read_from_ = store.pc;
  if (op.order != Order::kRelaxed && !store.view.empty()) {
    for (size_t v = 0; v < self.view.size(); ++v) {
      self.view[v] = std::max(self.view[v], store.view[v]);
    }
  }
  return store.value;
}

void ToyWorld::Write(int thread, const ToyOp& op, int64_t value, uint64_t step,
                     uintptr_t pc) {
  Thread& self = threads_[static_cast<size_t>(thread)];
  std::vector<StoreRecord>& stores = stores_[op.object];
  self.view[static_cast<size_t>(op.object)] = stores.size();
  stores.push_back({value, step, pc, {}});
  if (op.order != Order::kRelaxed) stores.back().view = self.view;
}

bool ToyWorld::RunLocal(int thread, uint64_t step, EventLog* log,
                        ExecutionResult* result) {
  Thread& self = threads_[static_cast<size_t>(thread)];
  for (;;) {
    const ToyOp* op = Next(static_cast<size_t>(thread));
    if (op == nullptr) return true;
    switch (op->kind) {
      case Kind::kSkipUnless:
        if (self.regs[op->reg] != op->value) {
          self.at += static_cast<size_t>(op->object);
        }
        break;
      case Kind::kReached:
        if (std::find(reached_.begin(), reached_.end(), op->label) ==
            reached_.end()) {
          reached_.push_back(op->label);
        }
        break;
      case Kind::kUnstable:
        self.regs[op->reg] = ++unstable_;
        result->fingerprint =
            result->fingerprint * 31 + static_cast<uint64_t>(unstable_);
        break;
      case Kind::kExpect:
        if (self.regs[op->reg] != op->value) {
          result->failure.kind = verdict::FailureKind::kWrongResult;
          result->failure.message = "expectation failed";
          result->failure.thread = thread;
          result->failure.file = "scenario.cc";
          result->failure.line = static_cast<int>(self.at) + 1;
          return false;
        }
        break;
      default:
        return true;
    }
    if (log != nullptr) {
      Event event;
      event.thread = thread;
      event.step = step;
      event.value.lo =
          static_cast<uint64_t>(op->reg >= 0 ? self.regs[op->reg] : 0);
      event.stack = {ToyPc(thread, self.at)};
      log->events.push_back(event);
    }
    ++self.at;
  }
}

bool ToyWorld::Step(int thread, uint64_t step, Strategy& strategy,
                    EventLog* log, ExecutionResult* result) {
  Thread& self = threads_[static_cast<size_t>(thread)];
  ToyOp op = *Next(static_cast<size_t>(thread));
  const PendingOp pending = pending_[static_cast<size_t>(thread)];
  int64_t value = 0;
  const size_t at = self.at++;
  const uintptr_t pc = ToyPc(thread, at);
  op.order = pending.order;
  read_from_ = 0;
  switch (op.kind) {
    case Kind::kLoad:
      self.regs[op.reg] = value = ReadWeak(thread, op, pending, strategy);
      break;
    case Kind::kSpinUntil:
      value = ReadWeak(thread, op, pending, strategy);
      if (value != op.value) {
        --self.at;
        const size_t newest = stores_[op.object].size();
        // An old value may be followed by a newer one without anybody storing.
        self.spun = self.view[static_cast<size_t>(op.object)] == newest - 1;
        self.spun_version = newest;
      }
      break;
    case Kind::kStore:
      value = op.value + (op.reg >= 0 ? self.regs[op.reg] : 0);
      Write(thread, op, value, step, pc);
      break;
    case Kind::kAdd:
      value = ReadWeak(thread, op, pending, strategy);
      if (op.reg >= 0) self.regs[op.reg] = value;
      Write(thread, op, value + op.value, step, pc);
      break;
    case Kind::kLock:
      owner_[op.object] = thread;
      for (size_t v = 0; v < self.view.size(); ++v) {
        self.view[v] = std::max(self.view[v], lock_view_[op.object][v]);
      }
      break;
    case Kind::kUnlock:
      owner_[op.object] = -1;
      lock_view_[op.object] = self.view;
      break;
    case Kind::kTimedWait:
      self.regs[op.reg] = value =
          strategy.Choose(DecisionKind::kTimeout, 2, thread, pending);
      break;
    default:
      break;
  }
  result->fingerprint = result->fingerprint * 1000003 +
                        static_cast<uint64_t>(thread) * 4096 + at * 64 +
                        static_cast<uint64_t>(value);
  if (log != nullptr) {
    Event event;
    event.order = op.order;
    event.kind = pending.kind == OpKind::kLoad    ? EventKind::kAtomicLoad
                 : pending.kind == OpKind::kStore ? EventKind::kAtomicStore
                 : pending.kind == OpKind::kWait  ? EventKind::kWake
                 : pending.kind == OpKind::kYield ? EventKind::kYield
                                                  : EventKind::kAtomicRmw;
    event.thread = thread;
    event.step = step;
    event.object = pending.object;
    event.value.lo = static_cast<uint64_t>(value);
    event.read.writer_pc = read_from_;
    event.stack = {pc};
    log->events.push_back(event);
  }
  strategy.Executed(thread, pending);
  return RunLocal(thread, step, log, result);
}

ToyOutcome ToyWorld::Outcome() const {
  ToyOutcome outcome;
  for (const Thread& thread : threads_) {
    outcome.insert(outcome.end(), std::begin(thread.regs),
                   std::end(thread.regs));
  }
  for (const auto& stores : stores_) outcome.push_back(stores.back().value);
  return outcome;
}

const ExecutionResult& ToyWorld::Run(Strategy& strategy, EventLog* log) {
  ++runs;
  for (Thread& thread : threads_) {
    thread = Thread{};
    thread.view.assign(kToyVariables, 0);
  }
  for (auto& stores : stores_) stores.assign(1, {});
  for (int& owner : owner_) owner = -1;
  for (auto& view : lock_view_) view.assign(kToyVariables, 0);

  ExecutionResult& result = result_;
  result = ExecutionResult();
  strategy.BeginExecution();
  bool ok = true;
  for (size_t t = 0; t < threads_.size() && ok; ++t) {
    ok = RunLocal(static_cast<int>(t), 0, log, &result);
  }
  SchedulePoint point;
  point.step = 1;  // 0 is what was there before
  point.pending = pending_.data();
  while (ok) {
    Prepare();
    point.enabled = 0;
    bool all_done = true;
    bool spinner = false;
    for (size_t t = 0; t < threads_.size(); ++t) {
      if (Enabled(t)) point.enabled |= uint32_t{1} << t;
      const ToyOp* op = Next(t);
      if (op == nullptr) continue;
      all_done = false;
      spinner |= op->kind == Kind::kSpinUntil;
    }
    if (all_done) break;
    if (point.enabled == 0) {
      result.failure.kind = spinner ? verdict::FailureKind::kLivelock
                                    : verdict::FailureKind::kDeadlock;
      result.failure.message = spinner ? "livelock" : "deadlock";
      ok = false;
      break;
    }
    if (point.step > options_.max_steps) {
      result.end = ExecutionEnd::kTruncated;
      break;
    }
    // Nobody runs before the first step.
    point.current_enabled =
        point.step > 1 && (point.enabled >> point.current & 1) != 0;
    const ThreadId chosen = strategy.ChooseThread(point);
    if (chosen == kPrune) {
      result.end = ExecutionEnd::kPruned;
      break;
    }
    point.yielded =
        pending_[static_cast<size_t>(chosen)].kind == OpKind::kYield;
    point.current = chosen;
    ok = Step(chosen, point.step, strategy, log, &result);
    ++point.step;
  }
  result.steps = point.step - 1;
  if (!ok) {
    result.end = ExecutionEnd::kFailed;
  } else if (result.end == ExecutionEnd::kComplete) {
    const ToyOutcome outcome = Outcome();
    if (count_outcomes) ++outcomes[outcome];
    if (program_.ok && !program_.ok(outcome)) {
      result.end = ExecutionEnd::kFailed;
      result.failure.kind = verdict::FailureKind::kWrongResult;
      result.failure.message = "wrong result";
    }
  }
  strategy.EndExecution(result.end);
  return result;
}

}  // namespace racelab::model
