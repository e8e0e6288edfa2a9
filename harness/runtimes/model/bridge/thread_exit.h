// What happens at a thread's end: destructors of its thread_locals and of its
// pthread keys.

#ifndef RACELAB_RUNTIMES_MODEL_BRIDGE_THREAD_EXIT_H_
#define RACELAB_RUNTIMES_MODEL_BRIDGE_THREAD_EXIT_H_

namespace racelab::model {

// Runs them, as code of the program, for the current thread.
void RunThreadExit();

// Forgets the keys that the program created.
void ResetKeys();

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_BRIDGE_THREAD_EXIT_H_
