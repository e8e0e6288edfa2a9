// Which function of the C++ library the program called, where that decides what
// is allowed: a std::mutex is a pthread_mutex_t, with stricter rules.

#ifndef RACELAB_RUNTIMES_MODEL_BRIDGE_LIBRARY_CALLS_H_
#define RACELAB_RUNTIMES_MODEL_BRIDGE_LIBRARY_CALLS_H_

#include <cstdint>

namespace racelab::model {

struct LibraryCall {
  bool librarys = false;  // false: the program's own code, or nobody knows
  bool shared = false;    // unlock_shared and its kind
  int64_t most = 0;       // counting_semaphore's max(); 0: none is known
};

// The call from `pc`, under the current thread's callers. Remembered.
const LibraryCall& LibraryCallAt(uintptr_t pc);
// The same, whoever called.
LibraryCall LibraryCallOf(uintptr_t pc);

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_BRIDGE_LIBRARY_CALLS_H_
