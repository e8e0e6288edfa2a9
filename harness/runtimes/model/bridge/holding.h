// Functions that hold a mutex throughout, though the program does not say so
// (WorldOptions::holding).

#ifndef RACELAB_RUNTIMES_MODEL_BRIDGE_HOLDING_H_
#define RACELAB_RUNTIMES_MODEL_BRIDGE_HOLDING_H_

#include <cstdint>

namespace racelab::model {

// The current thread has entered the function that `pc` lies in; it is about to
// leave the innermost one. To be called where Execution::holding is not null.
void HoldOnEntry(uintptr_t pc);
void ReleaseOnExit(uintptr_t pc);

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_BRIDGE_HOLDING_H_
