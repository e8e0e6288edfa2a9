// main() has been reached: from here on a death of libtsan is a crash, not a
// failure to start.

#ifndef RACELAB_RUNTIMES_TSAN_STARTED_H_
#define RACELAB_RUNTIMES_TSAN_STARTED_H_

namespace racelab::tsan {
void MarkStarted();
}  // namespace racelab::tsan

#endif  // RACELAB_RUNTIMES_TSAN_STARTED_H_
