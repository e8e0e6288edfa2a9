// The call stack of the running fiber, for a trace.
//
// __tsan_func_entry tells the call sites of instrumented functions only: the
// line that the innermost of them stands at is lost when libstdc++ calls us
// (std::thread's constructor calls pthread_create). The unwinder knows it. It
// costs microseconds, so it is for executions that are logged.

#ifndef RACELAB_RUNTIMES_MODEL_BRIDGE_CALL_STACK_H_
#define RACELAB_RUNTIMES_MODEL_BRIDGE_CALL_STACK_H_

#include <cstdint>
#include <vector>

#include "runtimes/model/event.h"

namespace racelab::model {

// The return addresses in the module, innermost first, and where their frames
// are. Of the fiber that calls; to be called within a Bridge. Empty if nothing
// could be unwound.
std::vector<EventLog::Stack::Frame> ModuleFrames();

// A fingerprint of what the current thread knows and nobody else does: its
// stack, from the frame that called the runner outwards, and the registers that
// calls preserve. Where it is the same twice at the same call, the thread has
// changed nothing meanwhile and reads the same again, it will go on in the same
// way. Never 0, but 0 where the stack cannot be unwound. To be called within a
// Bridge; takes about a microsecond.
uint64_t LocalState();

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_BRIDGE_CALL_STACK_H_
