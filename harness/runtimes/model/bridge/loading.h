// While the module is loaded: what its static initializers allocate belongs to
// the state that every execution starts from.

#ifndef RACELAB_RUNTIMES_MODEL_BRIDGE_LOADING_H_
#define RACELAB_RUNTIMES_MODEL_BRIDGE_LOADING_H_

#include <cstddef>
#include <cstdint>

namespace racelab::model {

// Where libstdc++ 12 counts the threads that wait for atomics; 0 if the module
// has no such table. A notifier looks there with a seq_cst load after a release
// store or RMW: by the letter of C++ it may miss a waiter, on every real
// machine it does not. It is not the student's fault, so these loads read the
// newest.
extern uintptr_t waiter_pool;
inline constexpr size_t kWaiterPoolSize = 16 * 128;
inline bool IsWaiterPool(uintptr_t address) {
  return waiter_pool != 0 && address - waiter_pool < kWaiterPoolSize;
}

// Set by the interposed dlopen.
extern bool module_is_loading;

// The module's constructor for instrumentation has run.
extern bool module_is_instrumented;

// It can find out whether a thread has ended without waiting for that: it calls
// pthread_tryjoin_np or a timed join.
extern bool module_looks_at_ends;

// Its threads may detach themselves: it calls pthread_detach.
extern bool module_detaches;

// It may compare-exchange addresses: its atomics of 8 or 16 bytes do so.
extern bool module_compares_addresses;

// Looks up which code is the runner's own; before the program runs, since the
// loader's list of objects may be locked later.
void FindOwnCode();
// Is it the runner's, the C library's or the dynamic linker's?
bool IsOwnCode(uintptr_t pc);

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_BRIDGE_LOADING_H_
