// Is a family of processes stuck for good?
//
// The claim "deadlock" needs a proof, since a machine under load can hold a
// live process up for any length of time:
//   (1) every task of the family sleeps in a system call without a timeout;
//   (2) what each waits for can come only from the family: a futex, a pipe or
//       socket that was made since the test began, the end of a child;
//   (3) no task has been switched since the last look, `kProofSeconds` ago.
// By (3) each task was in that call for the whole time, so (1) and (2) held at
// one moment for all of them together, and then nobody is left who could wake
// anybody. Timers (alarm, timerfd) and signals from outside would break (2);
// the sandbox has no outside, and a lab that uses timers gets no verdict from
// here.
//
// Thread safety: none; one observer per family.

#ifndef RACELAB_RUNTIMES_PROCESS_HANG_H_
#define RACELAB_RUNTIMES_PROCESS_HANG_H_

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "verdict/verdict.h"

namespace racelab::process {

// What one task of the family was doing when it was looked at.
struct Task {
  pid_t pid = 0;
  pid_t tid = 0;
  char state = '?';       // as in /proc/PID/stat
  uint64_t switches = 0;  // voluntary and involuntary
  std::string call;       // /proc/PID/task/TID/syscall; empty: unreadable
};

struct Family {
  std::vector<Task> tasks;  // by pid, then tid; zombies left out
};

// Looks at `root` and all its descendants.
Family LookAt(pid_t root);

// What a task waits for if (1) and (2) hold for it, in words; nullopt if they
// do not, or cannot be told.
std::optional<verdict::BlockedThread> WaitsForTheFamily(const Task& task,
                                                        const Family& family);

// Where the task is in its call, by Task::call.
struct Registers {
  uint64_t stack_pointer = 0;
  uint64_t code_address = 0;
};
std::optional<Registers> RegistersOf(const Task& task);

class HangObserver {
 public:
  static constexpr double kProofSeconds = 1.5;

  explicit HangObserver(pid_t root) : root_(root) {}

  // Looks once, if it is time to. Not empty: the proof is complete; who waits
  // for what, without stacks, in the order of tasks().
  std::vector<verdict::BlockedThread> Look();

  // As they were at the last look that found all of them waiting.
  const std::vector<Task>& tasks() const { return before_->tasks; }

 private:
  using Clock = std::chrono::steady_clock;

  const pid_t root_;
  std::optional<Family> before_;  // a family that might be stuck …
  Clock::time_point since_;       // … and since when it has looked like this
  Clock::time_point next_;
};

}  // namespace racelab::process

#endif  // RACELAB_RUNTIMES_PROCESS_HANG_H_
