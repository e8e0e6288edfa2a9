// What an atomic access does, of whatever size: a schedule point, the memory
// model's answer, the search for races, the trace, and the marks of those who
// look in vain. Outside an execution it is the machine's own.
//
// `pc`: the code address that a trace shows.
// Thread safety: none.

#ifndef RACELAB_RUNTIMES_MODEL_BRIDGE_ATOMIC_ACCESS_H_
#define RACELAB_RUNTIMES_MODEL_BRIDGE_ATOMIC_ACCESS_H_

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

namespace racelab::model {

inline Order OrderOf(int order) {
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

// An object of a size that is no machine word's.
template <size_t kSize>
struct Bytes {
  unsigned char bytes[kSize];
  bool operator==(const Bytes&) const = default;
};

template <typename T>
Value Pack(T value) {
  if constexpr (std::is_class_v<T>) {
    Value packed;
    std::memcpy(static_cast<void*>(&packed), &value, sizeof value);
    return packed;
  } else if constexpr (sizeof(T) == 16) {
    return {static_cast<uint64_t>(value), static_cast<uint64_t>(value >> 64)};
  } else {
    return {static_cast<uint64_t>(value), 0};
  }
}
template <typename T>
T Unpack(Value value) {
  if constexpr (std::is_class_v<T>) {
    T unpacked;
    std::memcpy(&unpacked, &value, sizeof unpacked);
    return unpacked;
  } else if constexpr (sizeof(T) == 16) {
    return (static_cast<T>(value.hi) << 64) | value.lo;
  } else {
    return static_cast<T>(value.lo);
  }
}
inline uint64_t Fold(Value value) {
  return value.lo ^ (value.hi * 0x9e3779b97f4a7c15);
}

// Before a thread has been started, nobody could tell the difference: no
// schedule point.
inline bool Alone() { return execution.created == 1; }

inline void Announce(const PendingOp& op) {
  if (!Alone()) Schedule(op);
}
inline void Report(const PendingOp& op) {
  if (!Alone()) Executed(op);
}

inline void CheckAccess(const AtomicAccess& access, bool is_write) {
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

inline AtomicAccess Access(const volatile void* object, size_t size,
                           Order order, uintptr_t pc) {
  return {execution.current, reinterpret_cast<uintptr_t>(object),
          static_cast<uint32_t>(size), order, pc};
}

inline Event* LogAtomic(EventKind kind, const AtomicAccess& access,
                        Value value) {
  Event* event = LogEvent(kind, access.address, access.size, access.pc);
  if (event != nullptr) {
    event->order = access.order;
    event->value = value;
  }
  return event;
}

// For code that runs outside an execution: the machine's own atomics. (GCC
// would call libatomic for 16 bytes.) Of other sizes it has none; no other
// thread runs then that would use them.
template <typename T>
T RealLoad(const volatile T* object);
template <typename T>
bool RealCompareExchange(volatile T* object, T* expected, T desired) {
  if constexpr (std::is_class_v<T>) {
    const T seen = RealLoad(object);
    const bool stored = seen == *expected;
    if (stored) std::memcpy(const_cast<T*>(object), &desired, sizeof desired);
    *expected = seen;
    return stored;
  } else {
    const T seen = __sync_val_compare_and_swap(object, *expected, desired);
    const bool stored = seen == *expected;
    *expected = seen;
    return stored;
  }
}
template <typename T>
T RealLoad(const volatile T* object) {
  if constexpr (std::is_class_v<T>) {
    T seen;
    std::memcpy(&seen, const_cast<const T*>(object), sizeof seen);
    return seen;
  } else if constexpr (sizeof(T) == 16) {
    T nothing = 0;
    RealCompareExchange(const_cast<volatile T*>(object), &nothing, T{0});
    return nothing;
  } else {
    return __atomic_load_n(object, __ATOMIC_SEQ_CST);
  }
}

// The order that the world was asked to play.
inline Order Played(Order order, uintptr_t pc) {
  if (execution.strengthened == nullptr) return order;
  for (const Strengthening& s : *execution.strengthened) {
    if (s.pc == 0 || s.pc == pc) order = Stronger(order, s.order);
  }
  return order;
}

// A look that is no schedule point any more.
inline bool LooksOnceMore(const SpinDetector& spin, uintptr_t pc,
                          uintptr_t address) {
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
  if constexpr (operation == Operation::kExchange) {
    return operand;
  } else if constexpr (operation == Operation::kAdd) {
    return static_cast<T>(old_value + operand);
  } else if constexpr (operation == Operation::kSub) {
    return static_cast<T>(old_value - operand);
  } else if constexpr (operation == Operation::kAnd) {
    return static_cast<T>(old_value & operand);
  } else if constexpr (operation == Operation::kOr) {
    return static_cast<T>(old_value | operand);
  } else if constexpr (operation == Operation::kXor) {
    return static_cast<T>(old_value ^ operand);
  } else {
    return static_cast<T>(~(old_value & operand));
  }
}

// A counter has gone below zero: a latch's must not, nor may more give up their
// part in a barrier than there are.
[[gnu::noinline]] inline void CheckCounter(uintptr_t counter, int64_t value,
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

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_BRIDGE_ATOMIC_ACCESS_H_
