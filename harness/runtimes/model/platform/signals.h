// Crashes and endless loops of the program: signals that end the execution with
// a finding instead of the process.
//
// Handlers run on a stack of their own, so that a stack that overflowed can be
// told. Outside an execution the signals do what they do by default.

#ifndef RACELAB_RUNTIMES_MODEL_PLATFORM_SIGNALS_H_
#define RACELAB_RUNTIMES_MODEL_PLATFORM_SIGNALS_H_

namespace racelab::model {

// Once per process, before the first execution.
void WatchSignals();

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_PLATFORM_SIGNALS_H_
