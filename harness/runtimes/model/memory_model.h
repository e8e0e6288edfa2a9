// The seam between the bridge (which sees `__tsan_atomic32_load(p, order)`) and
// a memory model (which knows what that load may return).
//
// Behind it stands StoreHistories (runtimes/model/memory/): RC11 with C++20's
// release sequences, on Relacy's vector clocks; or, to compare the two,
// RelacyHistories (relacy_histories.h).
//
// Real memory always holds the modification-order-maximal value of every atomic
// object, so that uninstrumented code (libstdc++'s own functions) reads
// something sensible. A store by such code, or an access of another size to
// bytes that have a history, starts a new history from what memory holds.
//
// Each operation is an event: it advances its thread's own entry of `current`
// by one before anything it publishes is copied, fences included.
//
// Thread safety: none; one execution runs at a time, on one kernel thread.

#ifndef RACELAB_RUNTIMES_MODEL_MEMORY_MODEL_H_
#define RACELAB_RUNTIMES_MODEL_MEMORY_MODEL_H_

#include <cstddef>
#include <cstdint>

#include "runtimes/model/op.h"
#include "runtimes/model/strategy.h"

namespace racelab::model {

// Relacy's timestamps (rl::timestamp_t).
using Timestamp = size_t;

// A thread's vector clocks. The arrays belong to Relacy's thread_info and have
// one entry per thread of the world: entry j of `current` is the newest event
// of thread j that happens-before this thread's next event.
struct ThreadClocks {
  Timestamp* current = nullptr;        // acq_rel_order_
  Timestamp* acquire_fence = nullptr;  // what an acquire fence would add
  Timestamp* release_fence = nullptr;  // what the last release fence published
};

// Up to 16 bytes, little endian.
struct Value {
  uint64_t lo = 0;
  uint64_t hi = 0;
  bool operator==(const Value&) const = default;
};

// An atomic access by code: its address, its size in bytes (up to 16),
// and the code address that a trace shows.
struct AtomicAccess {
  ThreadId thread = 0;
  uintptr_t address = 0;
  uint32_t size = 0;
  Order order = Order::kSeqCst;
  uintptr_t pc = 0;
};

// A position in the history of the execution: which event a read took its value
// from, so that a trace can explain it. `step` numbers are the world's.
struct ReadInfo {
  bool stale = false;    // not the newest store in modification order
  ThreadId writer = -1;  // -1: the value from before the first atomic access
  uint64_t writer_step = 0;  // SetStep's value when it was stored
  uintptr_t writer_pc = 0;
  bool changed_since_last_read = true;  // false: this thread read the same
                                        // store of this object the last time
};

// Computes an RMW's new value from the old one; false: store nothing (a
// compare-exchange whose comparison fails).
using RmwFunction = bool (*)(Value old_value, const void* argument,
                             Value* new_value);

class MemoryModel {
 public:
  virtual ~MemoryModel() = default;

  // Forgets everything. `clocks` has `threads` entries and outlives the
  // execution.
  virtual void BeginExecution(int threads, ThreadClocks* clocks,
                              Strategy* strategy) = 0;
  // The number that later ReadInfos give as writer_step.
  void SetStep(uint64_t step) { step_ = step; }

  virtual Value Load(const AtomicAccess& access, ReadInfo* info) = 0;
  virtual void Store(const AtomicAccess& access, Value value) = 0;
  // An atomic read-modify-write. `access.order` holds for success,
  // `failure_order` where `function` returns false. Returns the value read.
  virtual Value Rmw(const AtomicAccess& access, Order failure_order,
                    RmwFunction function, const void* argument, bool* stored,
                    ReadInfo* info) = 0;
  virtual void Fence(ThreadId thread, Order order) = 0;

  // [address, address+size) is no longer (or newly) memory: freed, allocated,
  // or a stack frame that ended. Histories there are dropped.
  virtual void Forget(uintptr_t address, size_t size) = 0;
  // A plain store went to the range (the race check is not done here): the
  // next atomic access there starts from what memory holds.
  virtual void PlainStore(ThreadId thread, uintptr_t address, size_t size) = 0;

  // Whether `thread` is behind a release fence of `writer` and has seen, of the
  // object at `address`, the newest store of `writer`, made after that fence.
  // The standard orders only what came before the fence. But that store is
  // done, too: nothing that `thread` does to the object could come before it.
  virtual bool SeenBehindFence(ThreadId thread, uintptr_t address,
                               ThreadId writer) {
    (void)thread, (void)address, (void)writer;
    return false;
  }

  // True if an operation of this execution had more alternatives than it let
  // the strategy choose from.
  virtual bool clipped() const { return false; }

  // Whether PlainStore() or Forget() could do anything: a quick test, false
  // positives possible.
  bool MayHold(uintptr_t address, size_t size) const {
    return address < highest_ && address + size > lowest_;
  }

  // May `a` by one thread and `b` by another be swapped without anybody being
  // able to tell? Sound, not complete: false when in doubt. kIfNotReadFrom:
  // they commute unless b (a read) reads from a (a store that came first).
  enum class Commute : uint8_t { kNo, kYes, kIfNotReadFrom };
  virtual Commute Commutes(const PendingOp& a, const PendingOp& b) const = 0;

  // To be asked from within Strategy::Choose(kReadsFrom, n, …), with index < n:
  // the step (SetStep's value, which is the `step` of the SchedulePoint that
  // chose the writer) in which the store behind this alternative was made; 0
  // for the initial value. Lets a reduction tell new stores from old ones.
  // kUnknownStep where the model does not know; reduction is weaker then.
  static constexpr uint64_t kUnknownStep = ~uint64_t{0};
  virtual uint64_t CandidateStep(unsigned index) const {
    (void)index;
    return kUnknownStep;
  }

 protected:
  uint64_t step_ = 0;
  // All objects with a history lie between these.
  uintptr_t lowest_ = 0;
  uintptr_t highest_ = ~uintptr_t{0};
};

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_MEMORY_MODEL_H_
