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

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_BRIDGE_CALL_STACK_H_
