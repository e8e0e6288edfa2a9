// What compilers emit for atomic accesses and fences.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "runtimes/model/bridge/accesses.h"
#include "runtimes/model/bridge/library_calls.h"
#include "runtimes/model/bridge/loading.h"
#include "runtimes/model/bridge/reuse.h"
#include "runtimes/model/decision_gate.h"
#include "runtimes/model/execution.h"
#include "runtimes/model/platform/sequential.h"

#define RACELAB_PC reinterpret_cast<uintptr_t>(__builtin_return_address(0))

namespace racelab::model {
namespace {

Order OrderOf(int order) {
  switch (order & 0x7fff) {  // hints of lock elision above
    case __ATOMIC_RELAXED:
      return Order::kRelaxed;
    case __ATOMIC_CONSUME:
    case __ATOMIC_ACQUIRE:
      return Order::kAcquire;
    case __ATOMIC_RELEASE:
      return Order::kRelease;
    case __ATOMIC_ACQ_REL:
      return Order::kAcqRel;
    default:
      return Order::kSeqCst;
  }
}

template <typename T>
Value Pack(T value) {
  if constexpr (sizeof(T) == 16) {
    return {static_cast<uint64_t>(value), static_cast<uint64_t>(value >> 64)};
  } else {
    return {static_cast<uint64_t>(value), 0};
  }
}
template <typename T>
T Unpack(Value value) {
  if constexpr (sizeof(T) == 16) {
    return (static_cast<T>(value.hi) << 64) | value.lo;
  } else {
    return static_cast<T>(value.lo);
  }
}
uint64_t Fold(Value value) {
  return value.lo ^ (value.hi * 0x9e3779b97f4a7c15);
}

// Before a thread has been started, nobody could tell the difference: no
// schedule point.
bool Alone() { return execution.created == 1; }

void Announce(const PendingOp& op) {
  if (!Alone()) Schedule(op);
}
void Report(const PendingOp& op) {
  if (!Alone()) Executed(op);
}

void CheckAccess(const AtomicAccess& access, bool is_write) {
  Execution& e = execution;
  if (!IsProgramMemory(access.address)) return;
  CheckScope(access.address, access.pc);
  if (CannotConflict(access.address)) return;
  RaceInfo race;
  const bool conflict =
      is_write ? e.shadow->AtomicWrite(access.thread, access.address,
                                       access.size, access.pc, e.step, &race)
               : e.shadow->AtomicRead(access.thread, access.address,
                                      access.size, access.pc, e.step, &race);
  if (conflict) ReportRace(race, is_write, access.pc);
}

AtomicAccess Access(const volatile void* object, size_t size, Order order,
                    uintptr_t pc) {
  return {execution.current, reinterpret_cast<uintptr_t>(object),
          static_cast<uint32_t>(size), order, pc};
}

Event* LogAtomic(EventKind kind, const AtomicAccess& access, Value value) {
  Event* event = LogEvent(kind, access.address, access.size, access.pc);
  if (event != nullptr) {
    event->order = access.order;
    event->value = value;
  }
  return event;
}

// For code that runs outside an execution: the machine's own atomics. (GCC
// would call libatomic for 16 bytes.)
template <typename T>
bool RealCompareExchange(volatile T* object, T* expected, T desired) {
  const T seen = __sync_val_compare_and_swap(object, *expected, desired);
  const bool stored = seen == *expected;
  *expected = seen;
  return stored;
}
template <typename T>
T RealLoad(const volatile T* object) {
  if constexpr (sizeof(T) == 16) {
    T nothing = 0;
    RealCompareExchange(const_cast<volatile T*>(object), &nothing, T{0});
    return nothing;
  } else {
    return __atomic_load_n(object, __ATOMIC_SEQ_CST);
  }
}

// The order that the world was asked to play.
Order Played(Order order, uintptr_t pc) {
  if (execution.strengthened == nullptr) return order;
  for (const Strengthening& s : *execution.strengthened) {
    if (s.pc == 0 || s.pc == pc) order = Stronger(order, s.order);
  }
  return order;
}

// A look that is no schedule point any more.
bool LooksOnceMore(const SpinDetector& spin, uintptr_t pc, uintptr_t address) {
  if (!spin.Reads(address)) return false;
  const uint64_t site = SiteOf(pc);
  return spin.Exhausted(site, address) ||
         (spin.Made(site, address) && LibraryCallAt(pc).looks_first);
}

template <typename T>
T Load(const volatile T* object, Order order, uintptr_t pc) {
  if (!InProgram()) return RealLoad(object);
  Bridge bridge;
  order = Played(order, pc);
  const auto address = reinterpret_cast<uintptr_t>(object);
  Execution& e = execution;
  const SpinDetector& spin = e.self().spin;
  const bool repeated = !Alone() && LooksOnceMore(spin, pc, address);
  const bool waiter_pool = IsWaiterPool(address);
  const PendingOp op{
      .kind = OpKind::kLoad,
      .order = order,
      .size = sizeof(T),
      .newest = waiter_pool || (repeated && !spin.Proven(SiteOf(pc), address)),
      .object = address};
  if (repeated) WithholdRepetition(pc, address);
  // A thread that waits for the others gets no further without them.
  if (!repeated || (e.spinning & (1u << e.current)) != 0) Announce(op);
  const AtomicAccess access = Access(object, sizeof(T), order, pc);
  if (!waiter_pool) e.self().loaded = address;
  e.strategy->ForceNewest(repeated || waiter_pool);
  ReadInfo info;
  const Value value = e.memory->Load(access, &info);
  e.strategy->ForceNewest(false);
  if (e.log != nullptr) {
    LogAtomic(EventKind::kAtomicLoad, access, value)->read = info;
  }
  CheckAccess(access, false);
  Report(op);
  if constexpr (sizeof(T) >= 8) NoteSeen(access.address, value, false);
  NoteRead(pc, access.address, Fold(value), SpinDetector::kLoads);
  return Unpack<T>(value);
}

template <typename T>
void Store(volatile T* object, T value, Order order, uintptr_t pc) {
  if (!InProgram()) {
    T old_value = RealLoad(object);
    while (!RealCompareExchange(object, &old_value, value)) {
    }
    if (old_value != value) NoteChangeOutside();
    return;
  }
  Bridge bridge;
  order = Played(order, pc);
  const PendingOp op{.kind = OpKind::kStore,
                     .order = order,
                     .size = sizeof(T),
                     .object = reinterpret_cast<uintptr_t>(object)};
  Announce(op);
  Execution& e = execution;
  const AtomicAccess access = Access(object, sizeof(T), order, pc);
  T before;
  std::memcpy(&before, const_cast<const T*>(object), sizeof(T));
  if (e.log != nullptr) {
    LogAtomic(EventKind::kAtomicStore, access, Pack(value));
  }
  e.memory->Store(access, Pack(value));
  CheckAccess(access, true);
  Report(op);
  if (before != value) NoteChange(access.address);
}

template <typename T>
PendingOp RmwOp(volatile T* object, Order order) {
  const auto address = reinterpret_cast<uintptr_t>(object);
  return {.kind = OpKind::kRmw,
          .order = order,
          .size = sizeof(T),
          .newest = !Alone() && execution.self().spin.ExhaustedInHope(address),
          .object = address};
}

// An RMW whose function may say that nothing is to be stored.
template <typename T>
T Rmw(volatile T* object, Order order, Order failure_order,
      RmwFunction function, const void* argument, bool* stored, uintptr_t pc) {
  order = Played(order, pc);
  failure_order = Played(failure_order, pc);
  const PendingOp op = RmwOp<T>(object, order);
  Execution& e = execution;
  const AtomicAccess access = Access(object, sizeof(T), order, pc);
  e.strategy->ForceNewest(!Alone() && e.self().spin.Exhausted(access.address));
  ReadInfo info;
  const Value old_value =
      e.memory->Rmw(access, failure_order, function, argument, stored, &info);
  e.strategy->ForceNewest(false);
  Value new_value = old_value;
  if (*stored) function(old_value, argument, &new_value);
  if (e.log != nullptr) {
    Event* event =
        LogAtomic(*stored ? EventKind::kAtomicRmw : EventKind::kAtomicCasFailed,
                  access, new_value);
    event->old_value = old_value;
    event->read = info;
    if (!*stored) event->order = failure_order;
  }
  CheckAccess(access, *stored);
  PendingOp done = op;
  if (!*stored) {
    done.kind = OpKind::kLoad;
    done.order = failure_order;
  }
  Report(done);
  if constexpr (sizeof(T) >= 8) NoteSeen(access.address, old_value, *stored);
  if (*stored && !(new_value == old_value)) {
    NoteChange(access.address);
  } else {
    NoteRead(pc, access.address, Fold(old_value));
  }
  return Unpack<T>(old_value);
}

enum class Operation { kExchange, kAdd, kSub, kAnd, kOr, kXor, kNand };

template <typename T, Operation operation>
T Apply(T old_value, T operand) {
  switch (operation) {
    case Operation::kExchange:
      return operand;
    case Operation::kAdd:
      return static_cast<T>(old_value + operand);
    case Operation::kSub:
      return static_cast<T>(old_value - operand);
    case Operation::kAnd:
      return static_cast<T>(old_value & operand);
    case Operation::kOr:
      return static_cast<T>(old_value | operand);
    case Operation::kXor:
      return static_cast<T>(old_value ^ operand);
    case Operation::kNand:
      return static_cast<T>(~(old_value & operand));
  }
}

// A counter has gone below zero: a latch's must not, nor may more give up their
// part in a barrier than there are.
[[gnu::noinline]] void CheckCounter(uintptr_t counter, int64_t value,
                                    uintptr_t pc) {
  const LibraryCall& call = LibraryCallOf(pc);
  if (call.counts_down) {
    Fail(verdict::FailureKind::kMisuse, "A latch is counted down below zero.",
         pc, counter);
  }
  if (!call.drops) return;
  // A libstdc++ barrier adds it to how many it expects, two words before, at
  // the end of the phase.
  int64_t expected;
  std::memcpy(&expected,
              reinterpret_cast<const void*>(counter - 2 * sizeof expected),
              sizeof expected);
  if (expected + value < 0) {
    Fail(verdict::FailureKind::kMisuse,
         "arrive_and_drop() is called more often than the barrier has "
         "participants.",
         pc, counter);
  }
}

template <typename T, Operation operation>
T FetchOp(volatile T* object, T operand, Order order, uintptr_t pc) {
  if (!InProgram()) {
    T old_value = RealLoad(object);
    while (!RealCompareExchange(object, &old_value,
                                Apply<T, operation>(old_value, operand))) {
    }
    if (Apply<T, operation>(old_value, operand) != old_value) {
      NoteChangeOutside();
    }
    return old_value;
  }
  Bridge bridge;
  Announce(RmwOp<T>(object, Played(order, pc)));
  bool stored = true;
  const T old_value = Rmw<T>(
      object, order, order,
      [](Value old, const void* argument, Value* new_value) {
        *new_value = Pack(Apply<T, operation>(
            Unpack<T>(old), *static_cast<const T*>(argument)));
        return true;
      },
      &operand, &stored, pc);
  if constexpr ((operation == Operation::kAdd ||
                 operation == Operation::kSub) &&
                (sizeof(T) == 4 || sizeof(T) == 8)) {
    const auto value = static_cast<std::make_signed_t<T>>(
        Apply<T, operation>(old_value, operand));
    if (value < 0) [[unlikely]] {
      CheckCounter(reinterpret_cast<uintptr_t>(object), value, pc);
    }
  }
  return old_value;
}

// Returns the value that was there. A weak one may fail though it finds what it
// expects; labkit/weak_exchange.h sees to it that clang's modules call it weak.
template <typename T>
T CompareExchange(volatile T* object, T expected, T desired, bool weak,
                  Order order, Order failure_order, bool* stored,
                  uintptr_t pc) {
  if (!InProgram()) {
    *stored = RealCompareExchange(object, &expected, desired);
    if (*stored) NoteChangeOutside();
    return expected;
  }
  Bridge bridge;
  const PendingOp op = RmwOp<T>(object, Played(order, pc));
  Announce(op);
  Execution& e = execution;
  struct Arguments {
    T expected;
    T desired;
    bool fail;
  } arguments{expected, desired, false};
  const bool may_fail = weak && !Alone();
  const bool withheld = may_fail && e.weak_failures >= kWeakFailures;
  if (may_fail && !withheld && Choose(DecisionKind::kWeakFail, 2, op) == 1) {
    ++e.weak_failures;
    arguments.fail = true;
  }
  const T seen = Rmw<T>(
      object, order, failure_order,
      [](Value old_value, const void* argument, Value* new_value) {
        const auto* given = static_cast<const Arguments*>(argument);
        if (given->fail || Unpack<T>(old_value) != given->expected) {
          return false;
        }
        *new_value = Pack(given->desired);
        return true;
      },
      &arguments, stored, pc);
  if (arguments.fail && seen == expected && e.log != nullptr) {
    Event& event = e.log->events.back();
    if (event.kind == EventKind::kAtomicCasFailed) event.detail = "spurious";
  }
  if (withheld && *stored) Withhold(Limit::kWeakFail);
  return seen;
}

}  // namespace
}  // namespace racelab::model

using racelab::model::CompareExchange;
using racelab::model::FetchOp;
using racelab::model::Operation;
using racelab::model::OrderOf;

#define RACELAB_FETCH(bits, type, name, operation)                          \
  type __tsan_atomic##bits##_##name(volatile type* object, type operand,    \
                                    int order) {                            \
    return FetchOp<type, Operation::operation>(object, operand,             \
                                               OrderOf(order), RACELAB_PC); \
  }

#define RACELAB_ATOMIC(bits, type)                                          \
  type __tsan_atomic##bits##_load(const volatile type* object, int order) { \
    return racelab::model::Load<type>(object, OrderOf(order), RACELAB_PC);  \
  }                                                                         \
  void __tsan_atomic##bits##_store(volatile type* object, type value,       \
                                   int order) {                             \
    racelab::model::Store<type>(object, value, OrderOf(order), RACELAB_PC); \
  }                                                                         \
  RACELAB_FETCH(bits, type, exchange, kExchange)                            \
  RACELAB_FETCH(bits, type, fetch_add, kAdd)                                \
  RACELAB_FETCH(bits, type, fetch_sub, kSub)                                \
  RACELAB_FETCH(bits, type, fetch_and, kAnd)                                \
  RACELAB_FETCH(bits, type, fetch_or, kOr)                                  \
  RACELAB_FETCH(bits, type, fetch_xor, kXor)                                \
  RACELAB_FETCH(bits, type, fetch_nand, kNand)                              \
  int __tsan_atomic##bits##_compare_exchange_strong(                        \
      volatile type* object, type* expected, type desired, int order,       \
      int failure_order) {                                                  \
    bool stored = false;                                                    \
    const type seen = CompareExchange<type>(                                \
        object, *expected, desired, false, OrderOf(order),                  \
        OrderOf(failure_order), &stored, RACELAB_PC);                       \
    if (!stored) *expected = seen;                                          \
    return stored;                                                          \
  }                                                                         \
  int __tsan_atomic##bits##_compare_exchange_weak(                          \
      volatile type* object, type* expected, type desired, int order,       \
      int failure_order) {                                                  \
    bool stored = false;                                                    \
    const type seen = CompareExchange<type>(                                \
        object, *expected, desired, true, OrderOf(order),                   \
        OrderOf(failure_order), &stored, RACELAB_PC);                       \
    if (!stored) *expected = seen;                                          \
    return stored;                                                          \
  }                                                                         \
  type __tsan_atomic##bits##_compare_exchange_val(                          \
      volatile type* object, type expected, type desired, int order,        \
      int failure_order) {                                                  \
    bool stored = false;                                                    \
    const type seen = CompareExchange<type>(                                \
        object, expected, desired, false, OrderOf(order),                   \
        OrderOf(failure_order), &stored, RACELAB_PC);                       \
    return seen;                                                            \
  }

extern "C" {

RACELAB_ATOMIC(8, uint8_t)
RACELAB_ATOMIC(16, uint16_t)
RACELAB_ATOMIC(32, uint32_t)
RACELAB_ATOMIC(64, uint64_t)
__extension__ typedef unsigned __int128 racelab_uint128;
RACELAB_ATOMIC(128, racelab_uint128)

void __tsan_atomic_thread_fence(int order) {
  using namespace racelab::model;
  if (!InProgram()) {
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    return;
  }
  Bridge bridge;
  const PendingOp op{.kind = OpKind::kFence, .order = OrderOf(order)};
  Announce(op);
  execution.memory->Fence(execution.current, op.order);
  if (Event* event = LogEvent(EventKind::kFence, 0, 0, RACELAB_PC)) {
    event->order = op.order;
  }
  Report(op);
}

void __tsan_atomic_signal_fence(int) {}

}  // extern "C"
