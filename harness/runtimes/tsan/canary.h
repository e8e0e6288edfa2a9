// A race that libtsan must report: run after the student's code, it shows that
// the detector is still at work.
//
// Thread safety: RunCanary by one thread at a time.

#ifndef RACELAB_RUNTIMES_TSAN_CANARY_H_
#define RACELAB_RUNTIMES_TSAN_CANARY_H_

#include <cstdint>

namespace racelab::tsan {

// Two threads write the same word, one after the other, with nothing between
// them that libtsan can see. Whether it reports does not depend on the
// schedule.
void RunCanary();

// Starts and joins a thread, past the runner's observation.
void WarmUp();

// The word.
uintptr_t CanaryAddress();

}  // namespace racelab::tsan

#endif  // RACELAB_RUNTIMES_TSAN_CANARY_H_
