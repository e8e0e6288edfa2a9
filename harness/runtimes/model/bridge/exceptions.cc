// Exceptions that several threads hold (runtimes/common/library_exceptions.h).

#include <algorithm>
#include <cstdint>

#include "runtimes/common/library_exceptions.h"
#include "runtimes/model/execution.h"
#include "runtimes/model/sync_objects.h"

namespace racelab::runtimes {

using namespace racelab::model;

namespace {

// Of the last owner, while it destroys an exception.
Timestamp clock_before[kMaxThreads];
uint64_t step_before = 0;
bool was_shared = false;

}  // namespace

// The count orders nothing but the destruction after all else: the standard
// promises no more. So it does not matter in which order references are given
// up, and none of this is a step of its own; unless the destructor takes steps,
// which a thread takes that was not the last in another order.

void OnReferenceDropped(void* count) {
  if (!InProgram()) return;
  Bridge bridge;
  const auto address = reinterpret_cast<uintptr_t>(count);
  ReleaseClock(execution.current, Sync(address, SyncKind::kCount).clock);
}

void OnLastReferenceDropped(void* count) {
  if (!InProgram()) return;
  const ThreadId self = execution.current;
  std::copy_n(execution.clocks[self].current, execution.capacity, clock_before);
  step_before = execution.step;
  const SyncObject* known = FindSync(reinterpret_cast<uintptr_t>(count));
  was_shared = known != nullptr;
  if (was_shared) AcquireClock(self, known->clock);
}

void OnExceptionFreed() {
  if (!InProgram() || !was_shared) return;
  if (execution.step != step_before) {
    Withhold(Limit::kLastOwner);
    return;
  }
  std::copy_n(clock_before, execution.capacity,
              execution.clocks[execution.current].current);
}

}  // namespace racelab::runtimes
