#include "runtimes/model/waiting.h"

#include <string>

#include "runtimes/model/bridge/call_stack.h"
#include "runtimes/model/bridge/loading.h"
#include "runtimes/model/decision_gate.h"
#include "runtimes/model/platform/module_state.h"

namespace racelab::model {
namespace {

// A thread that was passed over so often is the next to get the lock that it
// waits for. Not sooner: implementations differ in how fair they are.
constexpr uint32_t kPassedOver = 32;

constexpr uint32_t Bit(ThreadId thread) { return uint32_t{1} << thread; }

// `thread` waits for the lock. Where others come first again and again, as only
// an unfair scheduler lets them, it could go on for ever.
void AwaitTurn(const SyncObject& lock, ThreadId thread) {
  const ThreadState& state = execution.threads[thread];
  if (state.missed == &lock && state.passed_over >= kPassedOver) {
    execution.next_in_turn |= Bit(thread);
  }
}

void PassOver(const SyncObject& lock, ThreadId thread) {
  ThreadState& state = execution.threads[thread];
  if (state.missed != &lock) state.passed_over = 0;
  state.missed = &lock;
  ++state.passed_over;
  AwaitTurn(lock, thread);
}

// The current thread gets it.
void EndTurn(const SyncObject& lock) {
  ThreadState& self = execution.self();
  if (self.missed == &lock) self.passed_over = 0;
}

}  // namespace

void Leave(SyncObject& lock, ThreadId thread) {
  lock.lockers &= ~Bit(thread);
  lock.share_lockers &= ~Bit(thread);
  execution.next_in_turn &= ~Bit(thread);
  execution.threads[thread].waits_for = nullptr;
}

void WakeUp(ThreadId thread, SyncObject* relock) {
  ThreadState& state = execution.threads[thread];
  state.wake = WakeReason::kNotified;
  state.timed = false;
  if (relock == nullptr) {
    Unblock(thread);
    return;
  }
  relock->lockers |= Bit(thread);
  state.waits_for = relock;
  state.waits_at = 0;
  RefreshLockers(*relock);
}

void RefreshLockers(SyncObject& lock) {
  const auto refresh = [&lock](uint32_t threads, bool free) {
    for (; threads != 0; threads &= threads - 1) {
      const ThreadId t = __builtin_ctz(threads);
      if (free) {
        LetTry(t);
        continue;
      }
      if ((execution.runnable & Bit(t)) != 0) PassOver(lock, t);
      Block(t);
    }
  };
  refresh(lock.lockers, Free(lock));
  refresh(lock.share_lockers, FreeToShare(lock));
}

void TakeLock(SyncObject& lock, uintptr_t pc) {
  Execution& e = execution;
  if (lock.kind == SyncKind::kSemaphore) {
    --lock.value;
  } else {
    lock.owner = static_cast<int8_t>(e.current);
    ++e.locks;
  }
  lock.recursion = 1;
  EndTurn(lock);
  lock.changes_at_lock = e.self().changes;
  lock.locked_pc = pc;
  AcquireClock(e.current, lock.clock);
  if (lock.kind == SyncKind::kRwLock) AcquireClock(e.current, lock.read_clock);
  if ((lock.lockers | lock.share_lockers) != 0) RefreshLockers(lock);
}

void DropLock(SyncObject& lock) {
  Execution& e = execution;
  ReleaseClock(e.current, lock.clock);
  --e.locks;
  lock.owner = -1;
  lock.recursion = 0;
  if (e.self().changes != lock.changes_at_lock) {
    ++lock.version;
    NoteChange(lock.address);
    WakeSpinners(FailedAttempt(lock), false);
  } else {
    // Still, whoever failed to get it may try again.
    WakeSpinners(FailedAttempt(lock), false);
  }
  if ((lock.lockers | lock.share_lockers) != 0) RefreshLockers(lock);
}

void TakeShared(SyncObject& lock, uintptr_t pc) {
  Execution& e = execution;
  lock.readers |= Bit(e.current);
  ++e.locks;
  ++lock.read_depth[e.current];
  EndTurn(lock);
  lock.locked_pc = pc;
  AcquireClock(e.current, lock.clock);
  if ((lock.lockers | lock.share_lockers) != 0) RefreshLockers(lock);
}

void DropShared(SyncObject& lock) {
  Execution& e = execution;
  --e.locks;
  if (--lock.read_depth[e.current] > 0) return;
  ReleaseClock(e.current, lock.read_clock);
  lock.readers &= ~Bit(e.current);
  WakeSpinners(FailedAttempt(lock), false);
  if ((lock.lockers | lock.share_lockers) != 0) RefreshLockers(lock);
}

bool LockWhenFree(SyncObject& lock, bool shared, uint64_t deadline,
                  uintptr_t pc) {
  Execution& e = execution;
  const ThreadId me = e.current;
  ThreadState& self = e.self();
  const PendingOp op{.kind = shared ? OpKind::kLockShared
                             : lock.kind == SyncKind::kSemaphore
                                 ? OpKind::kWait
                                 : OpKind::kLock,
                     .object = lock.address};
  const auto available = [&] {
    return shared ? FreeToShare(lock) : Free(lock);
  };
  if (e.created == 1 && available()) {
    // Nobody else is there.
    shared ? TakeShared(lock, pc) : TakeLock(lock, pc);
    return true;
  }
  bool first = true;
  if (deadline != 0) {
    // It may find the lock taken and give up: always enabled.
    Schedule(op);
    NoteAttempt(lock);
    first = false;
    if (!available() && ChooseTimeout(op)) {
      if (deadline > e.now) e.now = deadline;
      Executed(op);
      NoteRead(pc, FailedAttempt(lock), 0);
      return false;
    }
  }
  if (first || !available()) {
    (shared ? lock.share_lockers : lock.lockers) |= Bit(me);
    self.waits_for = &lock;
    self.waits_at = pc;
    self.timed = deadline != 0;
    self.deadline = deadline;
    AwaitTurn(lock, me);
    if (!available()) {
      self.wake = WakeReason::kNotified;
      Block(me);
      if (e.log != nullptr) LogEvent(EventKind::kBlock, lock.address, 0, pc);
    }
    Schedule(op);
    Leave(lock, me);
    self.timed = false;
    if (self.wake == WakeReason::kTimeout && !available()) {
      self.wake = WakeReason::kNotified;
      Executed(op);
      return false;
    }
    self.wake = WakeReason::kNotified;
  }
  shared ? TakeShared(lock, pc) : TakeLock(lock, pc);
  Executed(op);
  // What is done once is asked for again and again, by nobody who waits.
  if (lock.kind != SyncKind::kOnce) NoteRead(pc, lock.address, lock.version);
  return true;
}

void Enqueue(SyncObject& object) {
  object.queue[object.queued++] = static_cast<uint8_t>(execution.current);
  execution.self().queued_on = &object;
}

void RemoveFromQueue(SyncObject& object, ThreadId thread) {
  uint8_t kept = 0;
  for (uint8_t i = 0; i < object.queued; ++i) {
    if (object.queue[i] != thread) object.queue[kept++] = object.queue[i];
  }
  object.queued = kept;
  execution.threads[thread].queued_on = nullptr;
}

WakeReason WaitInQueue(SyncObject& object, uint64_t deadline,
                       const PendingOp& then) {
  Execution& e = execution;
  ThreadState& self = e.self();
  self.waits_for = &object;
  self.waits_at = 0;
  self.wake = WakeReason::kNotified;
  self.timed = deadline != 0;
  self.deadline = deadline;
  e.pending[e.current] = then;
  BlockCurrent();
  self.waits_for = nullptr;
  return self.wake;
}

uintptr_t ShownAs(const SyncObject& object, const ThreadState& waiter) {
  return IsWaiterPool(object.address) && waiter.loaded != 0 ? waiter.loaded
                                                            : object.address;
}

ThreadId TakeWaiter(SyncObject& object, const PendingOp& op, uint32_t among) {
  uint8_t candidates[kMaxThreads];
  unsigned count = 0;
  for (uint8_t i = 0; i < object.queued; ++i) {
    if ((among >> object.queue[i] & 1) != 0) {
      candidates[count++] = object.queue[i];
    }
  }
  if (count == 0) return -1;
  const ThreadId thread = candidates[Choose(DecisionKind::kWaiter, count, op)];
  RemoveFromQueue(object, thread);
  return thread;
}

void CancelWait(ThreadId thread) {
  ThreadState& state = execution.threads[thread];
  if (state.queued_on != nullptr) RemoveFromQueue(*state.queued_on, thread);
}

bool ChooseTimeout(const PendingOp& op) {
  ThreadState& self = execution.self();
  if (self.timeouts_taken >= kTimeoutsPerThread) {
    Withhold(Limit::kTimeout);
    return false;
  }
  if (Choose(DecisionKind::kTimeout, 2, op) == 0) return false;
  ++self.timeouts_taken;
  return true;
}

bool ChooseSpurious(const PendingOp& op) {
  Execution& e = execution;
  ThreadState& self = e.self();
  // The thread's own state takes longer than all else in an execution.
  const bool known = (e.strategy->met() & SetOf(Limit::kSpurious)) != 0;
  if (self.spurious_taken >= kSpuriousPerThread ||
      e.spurious_total >= kSpuriousPerExecution) {
    // A thread that went in a circle since it did so would only do it later.
    if (known) return false;
    if (self.spurious_taken == 0 || self.changes != self.spurious_changes ||
        self.spurious_state == 0 || self.spurious_state != LocalState()) {
      Withhold(Limit::kSpurious);
    }
    return false;
  }
  if (Choose(DecisionKind::kSpurious, 2, op) == 0) return false;
  self.spurious_state = known ? 0 : LocalState();
  self.spurious_changes = self.changes;
  ++self.spurious_taken;
  ++e.spurious_total;
  return true;
}

void ReportDeadlock() {
  Execution& e = execution;
  if (e.endless != 0) {
    e.current = __builtin_ctz(e.endless);
    Fail(verdict::FailureKind::kLivelock, kEndlessLoop, e.endless_pc);
  }
  // Only detached threads left: nobody waits for them, but they never end.
  std::string text;
  int blocked = 0;
  ThreadId culprit = e.current;
  uintptr_t object = 0;
  for (int t = 0; t < e.created; ++t) {
    const ThreadState& thread = e.threads[t];
    if (thread.finished) continue;
    const uintptr_t waits_for =
        thread.waits_for != nullptr ? ShownAs(*thread.waits_for, thread) : 0;
    if (blocked++ == 0) {
      culprit = t;
      object = waits_for;
    }
    if (e.log != nullptr) {
      e.current = t;
      LogEvent(
          EventKind::kBlock, waits_for, 0,
          thread.waits_for != nullptr && module_state.Contains(thread.waits_at)
              ? thread.waits_at
              : 0);
    }
  }
  e.current = culprit;
  Fail(verdict::FailureKind::kDeadlock,
       blocked == 1 ? "A thread waits for ever: nobody is left to wake it."
                    : "The threads wait for each other for ever.",
       0, object);
}

}  // namespace racelab::model
