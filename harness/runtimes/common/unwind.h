// The calling thread's call stack, from the unwind tables.
//
// Thread safety: any thread, also in a signal handler, once PrepareUnwinding
// has been called (libgcc's first use may allocate).

#ifndef RACELAB_RUNTIMES_COMMON_UNWIND_H_
#define RACELAB_RUNTIMES_COMMON_UNWIND_H_

#include <cstddef>
#include <cstdint>

#include "runtimes/common/blackboard.h"

namespace racelab::runtimes {

void PrepareUnwinding();

// Return addresses (of an interrupted frame, the instruction's address plus 1,
// so that one may always subtract 1), innermost first. The number of them.
size_t CaptureStack(uintptr_t* frames, size_t max);

// The same, for a reader in another process.
void CaptureStack(SharedStack& out);

}  // namespace racelab::runtimes

#endif  // RACELAB_RUNTIMES_COMMON_UNWIND_H_
