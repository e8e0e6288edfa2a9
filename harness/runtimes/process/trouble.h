// The trouble that scenarios order: short and interrupted transfers, kill
// points (labkit/process_hooks.h). The runner defines read, write, recv and
// send, and the module finds these before libc's.
//
// Only calls from the module are troubled; libstdc++, GoogleTest and the runner
// itself are left alone.
//
// Thread safety: as labkit/process_hooks.h says.

#ifndef RACELAB_RUNTIMES_PROCESS_TROUBLE_H_
#define RACELAB_RUNTIMES_PROCESS_TROUBLE_H_

#include "runtimes/common/module.h"

namespace racelab::process {

// Whose calls are troubled. Call before the module's tests run.
void TroubleCallsFrom(runtimes::MemoryRange module);

}  // namespace racelab::process

#endif  // RACELAB_RUNTIMES_PROCESS_TROUBLE_H_
