// How much a verdict value may hold when it comes from a runner. Runners stay
// below these; a document beyond them is damaged or hostile.

#ifndef RACELAB_VERDICT_LIMITS_H_
#define RACELAB_VERDICT_LIMITS_H_

#include <cstddef>

namespace racelab::verdict {

inline constexpr size_t kMaxText = 64 << 10;       // bytes of one string
inline constexpr size_t kMaxItems = 20000;         // of one list
inline constexpr size_t kMaxTotalText = 16 << 20;  // bytes of all strings

}  // namespace racelab::verdict

#endif  // RACELAB_VERDICT_LIMITS_H_
