// Where the program keeps the addresses of its heap blocks: a trace names the
// blocks by that.

#ifndef RACELAB_RUNTIMES_MODEL_BRIDGE_POINTERS_H_
#define RACELAB_RUNTIMES_MODEL_BRIDGE_POINTERS_H_

namespace racelab::model {

// Adds to EventLog::pointers, after LogHeap() and before the memory is put
// back. There must be a log.
void LogPointers();

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_BRIDGE_POINTERS_H_
