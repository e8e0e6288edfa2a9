// Which function of the C++ library the program called, where that decides what
// is allowed: a std::mutex is a pthread_mutex_t, with stricter rules.

#ifndef RACELAB_RUNTIMES_MODEL_BRIDGE_LIBRARY_CALLS_H_
#define RACELAB_RUNTIMES_MODEL_BRIDGE_LIBRARY_CALLS_H_

#include <cstdint>

namespace racelab::model {

struct LibraryCall {
  bool librarys = false;        // false: the program's own code, or unknown
  bool unlocks = false;         // a shared mutex, by unlock()
  bool unlocks_shared = false;  // … by unlock_shared()
  bool counts_down = false;     // a latch's counter
  bool arrives = false;         // at a barrier
  bool drops = false;           // … never to come back
  bool looks_first = false;     // for a while, before it sleeps until notified
  bool notifies_one = false;    // of those who wait for an atomic
  int64_t most = 0;             // counting_semaphore's max(); 0: unknown
};

// The call from `pc`, under the current thread's callers. Remembered.
const LibraryCall& LibraryCallAt(uintptr_t pc);
// The same, whoever called: only what was inlined there. Remembered, too.
const LibraryCall& LibraryCallOf(uintptr_t pc);

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_BRIDGE_LIBRARY_CALLS_H_
