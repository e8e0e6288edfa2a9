// Relacy's platform layer, ours instead of relacy/platform.hpp: to be included
// before any of Relacy. Relacy's own fibers have small stacks without a guard
// page and share one set of thread_locals.

#ifndef RACELAB_RUNTIMES_MODEL_RELACY_PLATFORM_H_
#define RACELAB_RUNTIMES_MODEL_RELACY_PLATFORM_H_

// Suppresses Relacy's.
#define RL_PLATFORM_HPP

#include <cstdint>
#include <stdexcept>

#include "runtimes/model/platform/fiber.h"

#define RL_INLINE inline
#define RL_NOINLINE
#define RL_STRINGIZE_I(text) #text
#define RL_STRINGIZE(text) RL_STRINGIZE_I(text)
#define RL_STDCALL
#define RL_THROW_SPEC(ex) noexcept(false)
#define RL_RESTRICT

typedef racelab::model::Fiber fiber_t;

// Where Relacy put the fiber of each of its threads.
inline fiber_t* relacy_fibers[racelab::model::kMaxThreads];
inline fiber_t* relacy_main_fiber = nullptr;

inline unsigned get_tick_count() { return 0; }
inline void set_low_thread_prio() {}

inline void create_main_fiber(fiber_t& fiber) {
  racelab::model::AdoptMainFiber(fiber);
  relacy_main_fiber = &fiber;
}
inline void delete_main_fiber(fiber_t&) {}

// Relacy passes the thread's index as `context`.
inline void create_fiber(fiber_t& fiber, void (*entry)(void*), void* context) {
  const auto index = static_cast<int>(reinterpret_cast<intptr_t>(context));
  if (!racelab::model::PrepareFiber(fiber, index, entry, context)) {
    throw std::runtime_error("no memory or no thread for another fiber");
  }
  relacy_fibers[index] = &fiber;
}
inline void delete_fiber(fiber_t&) {}

inline void switch_to_fiber(fiber_t& to, fiber_t& from) {
  racelab::model::SwitchFiber(from, to);
}

#endif  // RACELAB_RUNTIMES_MODEL_RELACY_PLATFORM_H_
