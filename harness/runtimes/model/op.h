// The visible operations of a program under the model checker: what a thread is
// about to do when it reaches a schedule point.
//
// Between two schedule points a thread runs without being switched; plain
// accesses are no schedule points, since with race detection on, switching at
// synchronization operations suffices.

#ifndef RACELAB_RUNTIMES_MODEL_OP_H_
#define RACELAB_RUNTIMES_MODEL_OP_H_

#include <cstdint>

namespace racelab::model {

using ThreadId = int;  // 0 is the thread that runs the scenario's body
inline constexpr int kMaxThreads = 32;

// The orders of C++20 [atomics.order]; consume is treated as acquire.
enum class Order : uint8_t { kRelaxed, kAcquire, kRelease, kAcqRel, kSeqCst };

enum class OpKind : uint8_t {
  kNone,   // a thread that has not started, or only local work ahead
  kStart,  // a thread's first step
  kLoad,   // atomic
  kStore,  // atomic
  kRmw,    // atomic read-modify-write, compare-exchange included
  kFence,  // atomic_thread_fence
  kLock,   // acquires or tries to acquire a lock (exclusive)
  kLockShared,
  kUnlock,
  kUnlockShared,
  kWait,    // blocks on a condition variable, futex, semaphore, …
  kNotify,  // wakes waiters
  kPost,    // semaphore up
  kJoin,
  kExit,   // a thread's last step
  kYield,  // yield, sleep: lets others go first
  kOther,  // depends on everything
};

// What a thread does next, published before it asks to be scheduled.
struct PendingOp {
  OpKind kind = OpKind::kNone;
  Order order = Order::kRelaxed;
  uint16_t size = 0;
  bool newest = false;    // must not read an older store than the newest
  uintptr_t object = 0;   // address of the atomic, lock, …; joined thread's id
  uintptr_t object2 = 0;  // second object: the mutex of a condition wait, or 0
};

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_OP_H_
