// Random delays at the instrumented points of a module: the light __tsan_* of
// delays.cc. Each round has a way of its own to disturb:
//
//   none     the instrumented code at its own speed
//   dense    a few nanoseconds at one access in eight
//   sparse   microseconds, or a yield, at one access in 256
//   places   microseconds at a few places of the program, drawn for the round,
//            each of the first times that a thread comes by (as in RaceFuzzer:
//            Sen, PLDI 2008, without the prior analysis)
//
// Thread safety: StartDelays while one thread runs; the rest is called by
// instrumented code.

#ifndef RACELAB_RUNTIMES_STRESS_DELAYS_H_
#define RACELAB_RUNTIMES_STRESS_DELAYS_H_

#include <cstdint>

namespace racelab::stress {

enum class DelayMode : uint32_t { kNone, kDense, kSparse, kPlaces };

void StartDelays(DelayMode mode, uint32_t seed);

// Perhaps delays the thread, which is at `place` in the program.
void DelayAt(void* place);

}  // namespace racelab::stress

#endif  // RACELAB_RUNTIMES_STRESS_DELAYS_H_
