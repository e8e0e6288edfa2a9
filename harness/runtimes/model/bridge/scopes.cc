// Whether what an address meant is still there: scopes that have ended, freed
// memory.

#include <cstdint>

#include "runtimes/model/bridge/accesses.h"
#include "runtimes/model/bridge/loading.h"
#include "runtimes/model/engine.h"
#include "runtimes/model/execution.h"
#include "runtimes/model/platform/fiber.h"

namespace racelab::model {
namespace {

// Up to where a thread that does not run has given its stack back: the frames
// of the runner, from the function that it called on downwards, have nothing of
// the program's. They are found by their frame pointers. Above, the program's
// own frames begin, or the libraries'.
uintptr_t LiveStack(ThreadId thread) {
  const uintptr_t high = StackHigh(thread);
  const void* stack_pointer = execution.engine->StackPointer(thread);
  const auto saved = reinterpret_cast<uintptr_t>(stack_pointer);
  uintptr_t frame = SavedFramePointer(stack_pointer);
  if (frame == 0) return high;  // it has not started
  uintptr_t below = saved;
  for (;;) {
    // Not a chain of frames after all: certain is only what lies below.
    if (frame <= below || frame + 16 > high || frame % 8 != 0) return saved;
    const auto* words = reinterpret_cast<const uintptr_t*>(frame);
    if (!IsOwnCode(words[1])) return frame + 16;
    below = frame;
    frame = words[0];
    if (frame == 0) return high;  // the program's functions have all returned
  }
}

}  // namespace

void CheckForeignStack(uintptr_t address, uintptr_t pc) {
  Bridge bridge;
  const ThreadId owner = StackOwner(address);
  ThreadState& thread = execution.threads[owner];
  if (owner >= execution.created || IsStackGuard(address)) return;
  if (thread.live_stack == 0) thread.live_stack = LiveStack(owner);
  if (address >= thread.live_stack) return;
  LogLastAccess(address, 1, false, pc);
  Fail(verdict::FailureKind::kUseAfterFree,
       thread.finished
           ? "A local variable of another thread is used after that thread has "
             "ended."
           : "A local variable of another thread is used after its scope has "
             "ended.",
       pc, address, 1);
}

void CheckFreed(uintptr_t address, uintptr_t pc) {
  CheckScope(address, pc);
  RaceInfo freed;
  if (Arena::Contains(address) && execution.shadow->IsFreed(address, &freed)) {
    ReportRace(freed, false, pc);
  }
}

}  // namespace racelab::model
