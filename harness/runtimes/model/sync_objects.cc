#include "runtimes/model/sync_objects.h"

#include <link.h>

#include <cstring>
#include <string>

#include "runtimes/model/bridge/call_stack.h"
#include "runtimes/model/bridge/library_calls.h"
#include "runtimes/model/bridge/loading.h"
#include "runtimes/model/decision_gate.h"
#include "runtimes/model/engine.h"
#include "runtimes/model/platform/module_state.h"

namespace racelab::model {
namespace {

constexpr uint32_t kMaxObjects = 4096;
// A thread that was passed over so often is the next to get the lock that it
// waits for. Not sooner: implementations differ in how fair they are.
constexpr uint32_t kPassedOver = 32;
constexpr uint32_t kSlots = 2 * kMaxObjects;  // a power of two

SyncObject objects[kMaxObjects];
uint32_t object_count = 0;
bool robust_used = false;

// Open addressing. A slot of another epoch is empty.
struct Slot {
  uint32_t epoch;
  uint32_t index;
};
Slot slots[kSlots];
uint32_t epoch = 1;

constexpr uint32_t Bit(ThreadId thread) { return uint32_t{1} << thread; }

uint32_t SlotOf(uintptr_t address) {
  return static_cast<uint32_t>((address * 0x9e3779b97f4a7c15ull) >> 40) &
         (kSlots - 1);
}

void Initialize(SyncObject& object, uintptr_t address, SyncKind kind) {
  object.address = address;
  object.kind = kind;
  object.type = MutexType::kNormal;
  object.robust = object.owner_died = object.unrecoverable = false;
  object.ready = object.ended = false;
  object.owner = -1;
  object.queued = 0;
  object.recursion = 0;
  object.readers = object.lockers = object.share_lockers = 0;
  object.circled = 0;
  object.value = object.limit = 0;
  object.version = 0;
  object.changes_at_lock = 0;
  object.locked_pc = 0;
  const auto bytes =
      sizeof(Timestamp) * static_cast<size_t>(execution.capacity);
  std::memset(object.clock, 0, bytes);
  if (kind == SyncKind::kRwLock) {
    std::memset(object.read_clock, 0, bytes);
    std::memset(object.read_depth, 0, sizeof object.read_depth);
  }
}

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

struct Segments {
  uintptr_t begin[4];
  uintptr_t end[4];
  int count = 0;
};

int FindRunner(dl_phdr_info* info, size_t, void* argument) {
  auto* segments = static_cast<Segments*>(argument);
  for (int i = 0; i < info->dlpi_phnum && segments->count < 4; ++i) {
    const ElfW(Phdr)& segment = info->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) == 0) continue;
    segments->begin[segments->count] = info->dlpi_addr + segment.p_vaddr;
    segments->end[segments->count] =
        info->dlpi_addr + segment.p_vaddr + segment.p_memsz;
    ++segments->count;
  }
  return 1;  // the first object is the program itself
}

Segments runner_segments;

}  // namespace

bool IsRunnerObject(const void* object) {
  Segments& segments = runner_segments;
  if (segments.count == 0) dl_iterate_phdr(&FindRunner, &segments);
  const auto address = reinterpret_cast<uintptr_t>(object);
  for (int i = 0; i < segments.count; ++i) {
    if (address - segments.begin[i] < segments.end[i] - segments.begin[i]) {
      return true;
    }
  }
  return false;
}

void ResetSyncObjects() {
  object_count = 0;
  robust_used = false;
  if (++epoch == 0) {
    std::memset(slots, 0, sizeof slots);
    epoch = 1;
  }
}

void MakeRobust(SyncObject& mutex) {
  mutex.robust = true;
  robust_used = true;
}

SyncObject* FindSync(uintptr_t address) {
  for (uint32_t at = SlotOf(address); slots[at].epoch == epoch;
       at = (at + 1) & (kSlots - 1)) {
    SyncObject& object = objects[slots[at].index];
    if (object.address == address) return &object;
  }
  return nullptr;
}

SyncObject& Sync(uintptr_t address, SyncKind kind) {
  uint32_t at = SlotOf(address);
  for (; slots[at].epoch == epoch; at = (at + 1) & (kSlots - 1)) {
    SyncObject& object = objects[slots[at].index];
    if (object.address != address) continue;
    if (object.kind != kind) Initialize(object, address, kind);
    return object;
  }
  if (object_count == kMaxObjects) {
    Unsupported("The scenario uses more than " + std::to_string(kMaxObjects) +
                " locks and other synchronization objects in one execution.");
  }
  slots[at] = {epoch, object_count};
  SyncObject& object = objects[object_count++];
  Initialize(object, address, kind);
  return object;
}

const char* NameOf(SyncKind kind) {
  switch (kind) {
    case SyncKind::kMutex:
      return "mutex";
    case SyncKind::kRwLock:
      return "shared mutex";
    case SyncKind::kCondition:
      return "condition variable";
    case SyncKind::kSemaphore:
      return "semaphore";
    case SyncKind::kBarrier:
      return "barrier";
    case SyncKind::kSpinLock:
      return "spin lock";
    case SyncKind::kFutex:
      return "atomic";
    case SyncKind::kOnce:
      return "once flag";
    case SyncKind::kCount:
    case SyncKind::kNothing:
      break;
  }
  return "object";
}

void DestroySync(SyncObject& object, uintptr_t pc) {
  const bool held = object.owner >= 0 || object.readers != 0;
  uint32_t waiting = object.lockers | object.share_lockers;
  for (int i = 0; i < object.queued; ++i) waiting |= Bit(object.queue[i]);
  // A waiter that has been told to go on does not look at the object again.
  if (held || waiting != 0) {
    Fail(verdict::FailureKind::kMisuse,
         std::string("A ") + NameOf(object.kind) + " is destroyed while " +
             (held ? "it is locked." : "a thread waits for it."),
         pc, object.address);
  }
  const bool robust = object.robust;
  Initialize(object, object.address, object.kind);
  object.robust = robust;
  object.ended = true;
}

void RequireAlive(const SyncObject& object, uintptr_t pc) {
  if (!object.ended) return;
  Fail(verdict::FailureKind::kMisuse,
       std::string("A ") + NameOf(object.kind) +
           " is used after it was destroyed.",
       pc, object.address);
}

bool RobustUsed() { return robust_used; }

void ReleaseRobust() {
  if (!robust_used) return;
  for (uint32_t i = 0; i < object_count; ++i) {
    SyncObject& object = objects[i];
    if (!object.robust || object.owner != execution.current) continue;
    object.owner_died = true;
    DropLock(object);
  }
}

void FailIfLeftLocked() {
  Execution& e = execution;
  if (e.locks == 0 || e.holding != nullptr) return;
  for (uint32_t i = 0; i < object_count; ++i) {
    const SyncObject& object = objects[i];
    if ((object.owner < 0 && object.readers == 0) ||
        !LibraryCallOf(object.locked_pc).librarys) {
      continue;
    }
    e.current =
        object.owner >= 0 ? object.owner : __builtin_ctz(object.readers);
    Fail(verdict::FailureKind::kDeadlock,
         std::string("A thread ends while it holds a ") + NameOf(object.kind) +
             ": whoever locks that next waits for ever.",
         object.locked_pc, object.address);
  }
}

void DestroySyncIn(uintptr_t begin, uintptr_t end, uintptr_t pc) {
  for (uint32_t i = 0; i < object_count; ++i) {
    if (objects[i].address - begin < end - begin) DestroySync(objects[i], pc);
  }
}

void ForgetSyncIn(uintptr_t begin, uintptr_t end) {
  for (uint32_t i = 0; i < object_count; ++i) {
    SyncObject& object = objects[i];
    if (object.address - begin >= end - begin) continue;
    Initialize(object, object.address, SyncKind::kNothing);
  }
}

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
