// What the program left behind on its heap.

#ifndef RACELAB_RUNTIMES_MODEL_BRIDGE_LEAKS_H_
#define RACELAB_RUNTIMES_MODEL_BRIDGE_LEAKS_H_

namespace racelab::model {

// Blocks that this execution allocated, did not free, and that can no longer be
// reached from the module's globals: fails the execution, unless there are
// none. To be called when all threads have ended. True if there are.
bool FindLeaks();

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_BRIDGE_LEAKS_H_
