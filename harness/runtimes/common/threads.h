// Real threads, under observation: the runner's own pthread_create, …_lock,
// …_wait, sem_*, syscall(SYS_futex) and sleeps stand between the module and the
// system (between the module and libtsan, in runner.tsan). They
//
//   - hold new threads at a gate and release them together, when the thread
//   that
//     created them is about to block (in join, as a rule) or after a moment;
//   - disturb the schedule at synchronization, at random;
//   - write on the blackboard what each thread waits for, so that a hang can be
//     proved (hang.h) and told.
//
// None of it may hide a race: the code here is not instrumented and talks
// through system calls that libtsan does not see, so it adds no happens-before
// edge. On real hardware it does order the threads it releases, as any start
// would.
//
// The source is compiled twice: runtimes_threads calls libc,
// runtimes_threads_tsan calls libtsan's interceptors.
//
// Thread safety: StartThreads and NextRound by the thread that runs the
// scenario's body, while no thread of the scenario runs.

#ifndef RACELAB_RUNTIMES_COMMON_THREADS_H_
#define RACELAB_RUNTIMES_COMMON_THREADS_H_

#include <cstdint>

#include "runtimes/common/blackboard.h"

namespace racelab::runtimes {

struct ThreadPolicy {
  // How long a new thread waits at the gate, at most, for its creator to block.
  // Random below that if gate_random: a creator that works on instead of
  // joining is met in the middle.
  uint32_t gate_us = 1000;
  bool gate_random = false;
  // Of 1024 rounds, how many have a gate at all.
  uint32_t gated = 800;
  // Threads leave the gate one after the other, so many processor cycles apart
  // (by the time-stamp counter); 0: at the same instant.
  uint32_t stagger_cycles = 0;
  // Of 1024 threads, how many start late, and by how much at most.
  uint32_t late = 0;
  uint32_t late_us = 0;
  // Of 1024 synchronization calls, how many are preceded by a yield, and by a
  // sleep of at most sleep_us.
  uint32_t yields = 0;
  uint32_t sleeps = 0;
  uint32_t sleep_us = 0;
};

// From here on the calling thread is thread 0 ("main") and its calls and those
// of its descendants are observed. `seed` decides every random choice.
void StartThreads(Blackboard* blackboard, const ThreadPolicy& policy,
                  uint64_t seed);

// Forgets the threads of the round before, which have all ended, and makes the
// calling thread thread 0.
void NextRound(uint64_t seed);

// For the rounds that follow; between rounds.
void SetPolicy(const ThreadPolicy& policy);

// Of the threads created since StartThreads or NextRound: the index of the
// first that was neither joined nor detached, or 0. A std::thread cannot be
// one.
uint32_t FirstUnjoined();

// Was one of them detached? Its end is not ordered before anything.
bool AnyDetached();

// Waits until the detached threads have ended; false after `seconds`.
bool AwaitDetached(double seconds);

// The calling thread's slot; null if it is not observed.
ThreadSlot* CurrentSlot();

// A random number of the calling thread's own (0 if it is not observed).
uint32_t ThreadRandom();

// A stack on which signal handlers run, for the calling thread; as long as it
// lives.
void InstallAlternateStack();

}  // namespace racelab::runtimes

#endif  // RACELAB_RUNTIMES_COMMON_THREADS_H_
