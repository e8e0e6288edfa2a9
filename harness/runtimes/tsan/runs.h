// The child's side of the tsan engine: runs of one test, each with another
// schedule, in one process. Between runs the module's globals are put back
// (globals.h), and each run has a thread of its own for the scenario's main
// thread, so that its thread_locals are new; it is joined, so whatever a run
// did happens before the next one. A process of its own for each run would cost
// several times as much, most of it the kernel's work for libtsan's pages.
//
// The child ends early, and another goes on, after a run of which something is
// left that a later one could meet: a report, a failed expectation, a detached
// thread (nothing orders its end), or heap blocks that globals hold.
//
// Thread safety: one at a time.

#ifndef RACELAB_RUNTIMES_TSAN_RUNS_H_
#define RACELAB_RUNTIMES_TSAN_RUNS_H_

#include <atomic>
#include <chrono>
#include <cstdint>

#include "runtimes/common/worker.h"
#include "runtimes/tsan/globals.h"

namespace racelab::tsan {

// Kinds of messages.
inline constexpr char kRunBegins = 'n';
inline constexpr char kReport = 'r';  // with a RawReport
inline constexpr char kCanary = 'k';  // the known race was reported
inline constexpr char kDetachedRuns = 'd';

class Runs {
 public:
  struct Plan {
    uint64_t first = 0;  // the number of the first run decides its schedule
    uint64_t count = 1;
    uint64_t seed = 1;
    double seconds = 0;  // no run begins after that, but for the first
  };

  Runs(const runtimes::WorkerContext& context, const Plan& plan);

  // Then the canary, unless a thread of the test still runs.
  void Run();

 private:
  static void* Body(void* self);
  void OneRun();
  // The scenario's threads have ended; false if another run may not follow.
  bool Ended();

  const runtimes::WorkerContext& context_;
  const Plan plan_;
  const std::chrono::steady_clock::time_point until_;
  const Globals globals_;
  uint64_t run_;               // handed over by pthread_create
  bool threads_left_ = false;  // handed over by pthread_join
  bool last_ = false;          // likewise
  std::atomic<bool> failed_{false};
};

}  // namespace racelab::tsan

#endif  // RACELAB_RUNTIMES_TSAN_RUNS_H_
