#include "runtimes/model/memory/interpreter.h"

#include <algorithm>
#include <bit>

namespace racelab::model {
namespace {

using Kind = LitmusOp::Kind;

Value ToValue(int value) {
  return {.lo = static_cast<uint32_t>(value), .hi = 0};
}
int ToInt(Value value) { return static_cast<int32_t>(value.lo); }

bool Add(Value old_value, const void* argument, Value* new_value) {
  const auto& op = *static_cast<const LitmusOp*>(argument);
  *new_value = ToValue(ToInt(old_value) + op.value);
  return true;
}

struct Operands {
  int expected;
  int value;
};
bool Exchange(Value, const void* argument, Value* new_value) {
  *new_value = ToValue(static_cast<const Operands*>(argument)->value);
  return true;
}
bool CompareExchange(Value old_value, const void* argument, Value* new_value) {
  const auto& operands = *static_cast<const Operands*>(argument);
  if (ToInt(old_value) != operands.expected) return false;
  *new_value = ToValue(operands.value);
  return true;
}

}  // namespace

unsigned NaiveSearch::Next(unsigned alternatives) {
  if (at_ == path_.size()) {
    path_.push_back({0, static_cast<uint8_t>(alternatives)});
  }
  return path_[at_++].chosen;
}

ThreadId NaiveSearch::ChooseThread(const SchedulePoint& point) {
  unsigned index = Next(static_cast<unsigned>(std::popcount(point.enabled)));
  uint32_t left = point.enabled;
  while (index-- > 0) left &= left - 1;
  return std::countr_zero(left);
}

unsigned NaiveSearch::Choose(DecisionKind, unsigned n, ThreadId,
                             const PendingOp&) {
  return Next(n);
}

bool NaiveSearch::EndExecution(ExecutionEnd) {
  path_.resize(at_);
  while (!path_.empty() &&
         path_.back().chosen + 1 == path_.back().alternatives) {
    path_.pop_back();
  }
  if (path_.empty()) {
    finished_ = true;
    return false;
  }
  ++path_.back().chosen;
  return true;
}

LitmusRunner::LitmusRunner(const LitmusTest& test, MemoryModel& model)
    : test_(test),
      model_(model),
      memory_(test.locations.size()),
      registers_(test.registers.size()),
      threads_(test.threads.size()),
      clocks_(test.threads.size()),
      mutexes_(test.mutexes.size()) {}

int LitmusRunner::ValueOf(const LitmusOp& op) const {
  return op.value_register < 0
             ? op.value
             : registers_[static_cast<size_t>(op.value_register)];
}

uintptr_t LitmusRunner::AddressOf(const LitmusOp& op) const {
  return reinterpret_cast<uintptr_t>(
      &memory_[static_cast<size_t>(op.location)]);
}

PendingOp LitmusRunner::Announce(const LitmusOp& op) const {
  PendingOp pending;
  pending.order = op.order;
  if (op.atomic()) {
    pending.size = sizeof(int32_t);
    pending.object = AddressOf(op);
  }
  switch (op.kind) {
    case Kind::kStore:
      pending.kind = OpKind::kStore;
      break;
    case Kind::kLoad:
      pending.kind = OpKind::kLoad;
      break;
    case Kind::kFence:
      pending.kind = OpKind::kFence;
      break;
    case Kind::kLock:
    case Kind::kUnlock:
      pending.kind = op.kind == Kind::kLock ? OpKind::kLock : OpKind::kUnlock;
      pending.object = reinterpret_cast<uintptr_t>(
          &mutexes_[static_cast<size_t>(op.location)]);
      break;
    default:
      pending.kind = OpKind::kRmw;
      break;
  }
  return pending;
}

// The thread's next operation whose condition holds, or null.
const LitmusOp* LitmusRunner::NextOp(size_t thread) {
  Thread& self = threads_[thread];
  const std::vector<LitmusOp>& ops = test_.threads[thread];
  while (self.next < ops.size()) {
    const LitmusOp& op = ops[self.next];
    if (op.condition_register < 0 ||
        registers_[static_cast<size_t>(op.condition_register)] ==
            op.condition_value) {
      return &op;
    }
    ++self.next;
  }
  return nullptr;
}

// The plain accesses up to the next operation. False: a race.
bool LitmusRunner::RunPlain(ThreadId thread) {
  for (;;) {
    const LitmusOp* op = NextOp(static_cast<size_t>(thread));
    if (op == nullptr) return true;
    const uintptr_t address = op->location < 0 ? 0 : AddressOf(*op);
    if (op->kind == Kind::kPlainWrite) {
      if (shadow_.Write(thread, address, sizeof(int32_t), 0, step_, &race_)) {
        return false;
      }
      memory_[static_cast<size_t>(op->location)].value = ValueOf(*op);
      model_.PlainStore(thread, address, sizeof(int32_t));
    } else if (op->kind == Kind::kPlainRead) {
      if (shadow_.Read(thread, address, sizeof(int32_t), 0, step_, &race_)) {
        return false;
      }
      registers_[static_cast<size_t>(op->result)] =
          memory_[static_cast<size_t>(op->location)].value;
    } else {
      return true;
    }
    ++threads_[static_cast<size_t>(thread)].next;
  }
}

// The operation that the thread announced. False: a race.
bool LitmusRunner::Step(ThreadId thread, Strategy& strategy) {
  Thread& self = threads_[static_cast<size_t>(thread)];
  const LitmusOp& op = *NextOp(static_cast<size_t>(thread));
  PendingOp executed = Announce(op);
  ++self.next;
  AtomicAccess access;
  access.thread = thread;
  access.address = executed.object;
  access.size = sizeof(int32_t);
  access.order = op.order;
  ReadInfo info;
  bool stored = op.kind == Kind::kStore;
  switch (op.kind) {
    case Kind::kStore:
      model_.Store(access, ToValue(ValueOf(op)));
      break;
    case Kind::kLoad:
      registers_[static_cast<size_t>(op.result)] =
          ToInt(model_.Load(access, &info));
      break;
    case Kind::kAdd:
      registers_[static_cast<size_t>(op.result)] =
          ToInt(model_.Rmw(access, Order::kRelaxed, Add, &op, &stored, &info));
      break;
    case Kind::kExchange:
    case Kind::kCas: {
      const Operands operands{op.expected, ValueOf(op)};
      const bool exchange = op.kind == Kind::kExchange;
      registers_[static_cast<size_t>(op.result)] = ToInt(model_.Rmw(
          access, exchange ? Order::kRelaxed : op.failure_order,
          exchange ? Exchange : CompareExchange, &operands, &stored, &info));
      if (!stored) {
        executed.kind = OpKind::kLoad;
        executed.order = op.failure_order;
      }
      break;
    }
    case Kind::kFence:
      model_.Fence(thread, op.order);
      break;
    case Kind::kLock: {
      Mutex& mutex = mutexes_[static_cast<size_t>(op.location)];
      mutex.owner = thread;
      ++self.current[static_cast<size_t>(thread)];
      for (size_t t = 0; t < mutex.clock.size(); ++t) {
        self.current[t] = std::max(self.current[t], mutex.clock[t]);
      }
      break;
    }
    case Kind::kUnlock: {
      Mutex& mutex = mutexes_[static_cast<size_t>(op.location)];
      mutex.owner = -1;
      ++self.current[static_cast<size_t>(thread)];
      mutex.clock = self.current;
      break;
    }
    case Kind::kPlainWrite:
    case Kind::kPlainRead:
      break;
  }
  strategy.Executed(thread, executed);
  if (op.atomic()) {
    const bool race = stored
                          ? shadow_.AtomicWrite(thread, access.address,
                                                access.size, 0, step_, &race_)
                          : shadow_.AtomicRead(thread, access.address,
                                               access.size, 0, step_, &race_);
    if (race) return false;
  }
  return RunPlain(thread);
}

ExecutionEnd LitmusRunner::Run(Strategy& strategy, LitmusOutcome* outcome) {
  const size_t n = threads_.size();
  for (size_t t = 0; t < n; ++t) {
    Thread& thread = threads_[t];
    thread.next = 0;
    thread.current.assign(n, 0);
    thread.current[t] = 1;
    thread.acquire_fence.resize(n);
    thread.release_fence.resize(n);
    clocks_[t] = {thread.current.data(), thread.acquire_fence.data(),
                  thread.release_fence.data()};
  }
  for (size_t l = 0; l < memory_.size(); ++l) {
    memory_[l].value = test_.initial[l];
  }
  std::fill(registers_.begin(), registers_.end(), 0);
  for (Mutex& mutex : mutexes_) {
    mutex.owner = -1;
    mutex.clock.assign(n, 0);
  }
  step_ = 0;
  shadow_.BeginExecution(static_cast<int>(n), clocks_.data());
  strategy.BeginExecution();
  model_.BeginExecution(static_cast<int>(n), clocks_.data(), &strategy);

  *outcome = {};
  bool race = false;
  for (size_t t = 0; t < n && !race; ++t) {
    race = !RunPlain(static_cast<ThreadId>(t));
  }
  std::vector<PendingOp> pending(n);
  SchedulePoint point;
  while (!race) {
    point.enabled = 0;
    for (size_t t = 0; t < n; ++t) {
      const LitmusOp* op = NextOp(t);
      pending[t] = op == nullptr ? PendingOp() : Announce(*op);
      if (op == nullptr) continue;
      if (op->kind == Kind::kLock &&
          mutexes_[static_cast<size_t>(op->location)].owner >= 0) {
        continue;
      }
      point.enabled |= uint32_t{1} << t;
    }
    if (point.enabled == 0) break;
    point.pending = pending.data();
    point.step = step_;
    point.current_enabled = (point.enabled >> point.current & 1) != 0;
    const ThreadId chosen = strategy.ChooseThread(point);
    if (chosen == kPrune) return ExecutionEnd::kPruned;
    model_.SetStep(step_);
    race = !Step(chosen, strategy);
    point.current = chosen;
    ++step_;
  }
  outcome->race = race;
  if (race) return ExecutionEnd::kFailed;
  outcome->registers = registers_;
  for (const Cell& cell : memory_) outcome->locations.push_back(cell.value);
  return ExecutionEnd::kComplete;
}

LitmusOutcomes Explore(const LitmusTest& test, MemoryModel& model,
                       Strategy& strategy, uint64_t* executions,
                       std::string* error) {
  LitmusRunner runner(test, model);
  LitmusOutcomes outcomes;
  uint64_t count = 0;
  for (bool more = true; more;) {
    LitmusOutcome outcome;
    const ExecutionEnd end = runner.Run(strategy, &outcome);
    if (end != ExecutionEnd::kPruned) {
      ++count;
      outcomes.insert(std::move(outcome));
    }
    more = strategy.EndExecution(end);
  }
  if (executions != nullptr) *executions = count;
  error->clear();
  if (!strategy.Exhausted()) *error = "the search is not exhaustive";
  return outcomes;
}

}  // namespace racelab::model
