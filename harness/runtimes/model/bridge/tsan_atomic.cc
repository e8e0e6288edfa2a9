// What compilers emit for atomic accesses and fences.

#include <cstdint>

#include "runtimes/model/bridge/atomic_access.h"
#include "runtimes/model/execution.h"

#define RACELAB_PC reinterpret_cast<uintptr_t>(__builtin_return_address(0))

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
