// libtsan does not follow std::atomic_thread_fence: what a fence orders it
// reports as a race.
//
// Thread safety: before the module's code starts threads.

#ifndef RACELAB_RUNTIMES_TSAN_FENCES_H_
#define RACELAB_RUNTIMES_TSAN_FENCES_H_

#include "runtimes/common/module.h"

namespace racelab::tsan {

// If the module has fences: makes its atomic operations acquire and release
// whatever their order says. A release fence orders by a later store, an
// acquire fence by an earlier load, so nothing that is in order is reported
// then; that an order is too weak is no longer seen, and left to the model.
void AllowForFences(const runtimes::LoadedModule& module);

}  // namespace racelab::tsan

#endif  // RACELAB_RUNTIMES_TSAN_FENCES_H_
