// The program's clocks. Time passes only when the program waits for it: a sleep
// or timed wait that ends moves the clock, and each look at it a little.

#ifndef RACELAB_RUNTIMES_MODEL_BRIDGE_VIRTUAL_TIME_H_
#define RACELAB_RUNTIMES_MODEL_BRIDGE_VIRTUAL_TIME_H_

#include <time.h>

#include <cstdint>

namespace racelab::model {

// What the program's clocks showed when it started, in seconds.
inline constexpr uint64_t kRealtimeStart = 1'700'000'000;
inline constexpr uint64_t kMonotonicStart = 1'000;

// An absolute time of that clock in nanoseconds since the start; at least 1.
uint64_t Deadline(clockid_t clock, const timespec* until);

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_BRIDGE_VIRTUAL_TIME_H_
