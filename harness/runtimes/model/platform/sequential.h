// Runs a sequential test's body, on the machine itself and outside any
// execution, and ends it when it provably never would by itself.
//
// Proofs, each of a process with one thread:
//   blocked   at three looks it sleeps in the same futex wait without a
//             timeout, alone since the first, and has gone back to sleep in
//             between: nobody is left to wake it;
//   loops     it was twice in the same state – program counter, registers,
//             stack – and in another one in between, or had the processor for a
//             while before each of many looks. In between the bridge saw no
//             write, no change of an atomic and no reading of a clock, and
//             every look found it in the module's or the runner's code, or in
//             sched_yield (other functions of libraries have states that nobody
//             sees): so it will be there again and again.
// Without a proof nothing is claimed, but that it took too long.
//
// The frames of an ended body are left without being unwound.
//
// Thread safety: none; RunSequential by the main thread.

#ifndef RACELAB_RUNTIMES_MODEL_PLATFORM_SEQUENTIAL_H_
#define RACELAB_RUNTIMES_MODEL_PLATFORM_SEQUENTIAL_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <vector>

#include "runtimes/common/module.h"

namespace racelab::model {

struct SequentialEnd {
  enum class Kind { kReturned, kBlocked, kLoops, kTooLong };
  Kind kind = Kind::kReturned;
  // Where the body was, innermost first; empty if it returned.
  std::vector<uintptr_t> stack;
};

// `seconds` of processor time are too long.
SequentialEnd RunSequential(const std::function<void()>& body,
                            const runtimes::MemoryRange& module,
                            double seconds);

// What was written, changed or asked for outside an execution.
inline std::atomic<uint64_t> changes_outside = 0;

// Relaxed, and not one operation: it counts for the handler of a signal to the
// same thread; with more threads nothing is claimed.
inline void NoteChangeOutside() {
  changes_outside.store(changes_outside.load(std::memory_order_relaxed) + 1,
                        std::memory_order_relaxed);
}

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_PLATFORM_SEQUENTIAL_H_
