// The program's heap: which allocations are the program's.

#ifndef RACELAB_RUNTIMES_MODEL_BRIDGE_HEAP_H_
#define RACELAB_RUNTIMES_MODEL_BRIDGE_HEAP_H_

namespace racelab::model {

// Fills in EventLog::heap.
void LogHeap();

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_BRIDGE_HEAP_H_
