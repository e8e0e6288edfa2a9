// Is a child that makes no progress deadlocked? Asked from outside, and
// answered only with a proof: a slow or overloaded machine is never mistaken
// for one.
//
// The proof. Two looks at all threads of the child, one after the other, find
// each of them (the runtime's own apart) in a blocking call without a timeout,
// asleep in the kernel, and its counts of context switches and of CPU time
// unchanged between the looks. So none of them ran in between, hence there was
// an instant at which all were blocked at once, and none was left to wake
// another (the double-collect argument of atomic snapshots: Afek et al., J. ACM
// 1993). The looks are repeated a few times for good measure. A child that
// catches signals may be woken by a timer: then nothing is claimed.
//
// Thread safety: none; one user.

#ifndef RACELAB_RUNTIMES_COMMON_HANG_H_
#define RACELAB_RUNTIMES_COMMON_HANG_H_

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "runtimes/common/blackboard.h"

namespace racelab::runtimes {

// A thread of a child that hangs.
struct HangingThread {
  uint32_t index = 0;  // slot
  WaitKind kind = WaitKind::kNone;
  bool timed = false;
  uintptr_t object = 0;
  int held_by = -1;  // slot of the mutex's owner, where known
  std::vector<uintptr_t> stack;
};

class HangWatch {
 public:
  enum class State { kGoing, kDeadlocked, kTooLong };

  // `too_long_seconds` without a completed round.
  HangWatch(const Blackboard& board, double too_long_seconds);

  // Looks once; call it every few ten milliseconds.
  State Look(pid_t child);

 private:
  struct Task {
    int tid = 0;
    uint64_t switches = 0;
    uint64_t cpu = 0;
    uint32_t slot = 0;
    WaitKind kind = WaitKind::kNone;
    uintptr_t object = 0;
    bool operator==(const Task&) const = default;
  };
  // False if one is not blocked for good, or cannot be seen.
  bool AllBlocked(pid_t child, std::vector<Task>& tasks) const;

  const Blackboard& board_;
  std::chrono::duration<double> too_long_;
  std::chrono::steady_clock::time_point since_;
  uint64_t rounds_ = 0;
  uint32_t running_ = 0;
  std::vector<Task> last_;
  int same_ = 0;
};

// Asks every observed thread of the child for its stack, waits a moment for the
// answers, and tells what each waits for. The child is still alive and stays
// so.
std::vector<HangingThread> WhereAreThreads(pid_t child,
                                           const Blackboard& board);

}  // namespace racelab::runtimes

#endif  // RACELAB_RUNTIMES_COMMON_HANG_H_
