// What happened in an execution, raw: code and data addresses, no names yet.
// `trace.h` turns it into a verdict::Trace for people.

#ifndef RACELAB_RUNTIMES_MODEL_EVENT_H_
#define RACELAB_RUNTIMES_MODEL_EVENT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "runtimes/model/memory_model.h"
#include "runtimes/model/op.h"

namespace racelab::model {

enum class EventKind : uint8_t {
  kThreadStart,  // object: the new thread's id, seen by its creator
  kThreadExit,
  kThreadJoin,  // object: the joined thread's id
  kPlainRead,
  kPlainWrite,
  kAtomicLoad,
  kAtomicStore,
  kAtomicRmw,
  kAtomicCasFailed,  // detail: "spurious" if the value was the expected one
  kFence,
  kLock,  // acquired
  kTryLockFailed,
  kUnlock,
  kLockShared,
  kUnlockShared,
  kBlock,  // starts to wait for `object`
  kWake,   // stops waiting; `detail` says why where it matters:
           // "timeout", "spurious", "notified"
  kNotifyOne,
  kNotifyAll,
  kSemPost,
  kSemWait,
  kYield,
  kAlloc,  // object: the block, size
  kFree,
  kExpectationFailed,  // detail: GoogleTest's message
  kReached,            // detail: the label
  kFailure,            // the finding itself; detail: its message
  kOther,
};

struct Event {
  EventKind kind = EventKind::kOther;
  ThreadId thread = 0;
  uint64_t step = 0;     // schedule points before it
  uintptr_t object = 0;  // address of the variable, lock, …
  uint32_t size = 0;
  Order order = Order::kSeqCst;
  Value value;      // read or written
  Value old_value;  // an RMW's
  ReadInfo read;    // of loads and RMWs
  std::string detail;
  std::vector<uintptr_t> stack;  // return addresses, innermost first; at least
                                 // the access's own code address
};

// A heap block, alive or freed, for naming what an address is.
struct HeapBlock {
  uintptr_t address = 0;
  size_t size = 0;
  ThreadId allocated_by = 0;
  std::vector<uintptr_t> allocated_at;
  ThreadId freed_by = -1;
  std::vector<uintptr_t> freed_at;
};

struct EventLog {
  std::vector<Event> events;
  std::vector<HeapBlock> heap;
  // By thread id: stack bounds, so that an address on a stack can be named.
  struct Stack {
    uintptr_t low = 0;
    uintptr_t high = 0;
    // Start of the module's TLS block in this thread; 0: not known.
    uintptr_t tls = 0;
    // The thread's frames when the execution ended, innermost first (a walk
    // along rbp: code address and rbp of each). Empty: not known; then a local
    // is named by its function only.
    struct Frame {
      uintptr_t pc = 0;
      uintptr_t frame_pointer = 0;
    };
    std::vector<Frame> frames;
  };
  std::vector<Stack> stacks;
  // Words of the program's memory that held the address of something on the
  // heap when the execution ended, in the order of their places.
  struct Pointer {
    uintptr_t at = 0;
    uintptr_t to = 0;
  };
  std::vector<Pointer> pointers;
  // The first schedule step after which every continuation fails; -1: not
  // known.
  int64_t inevitable_from = -1;
};

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_EVENT_H_
