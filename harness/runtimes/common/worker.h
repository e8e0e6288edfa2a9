// One run of a test on real threads, in a child: what tsan and stress share.
//
// The child loads the module, says what it thinks of it in messages, and ends;
// the parent watches it for hangs and turns everything that can happen to it
// into a finding.
//
// Thread safety: none; one user.

#ifndef RACELAB_RUNTIMES_COMMON_WORKER_H_
#define RACELAB_RUNTIMES_COMMON_WORKER_H_

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "runtimes/common/blackboard.h"
#include "runtimes/common/child.h"
#include "runtimes/common/expectations.h"
#include "runtimes/common/hang.h"
#include "runtimes/common/module.h"
#include "runtimes/common/places.h"
#include "runtimes/common/signals.h"
#include "verdict/verdict.h"

namespace racelab::runtimes {

// The child's side.
struct WorkerContext {
  const Messenger& messenger;
  Blackboard& board;
  const LoadedModule& module;
  const TestInfo& test;  // with its body

  // A failed expectation, from any thread.
  void Failed(const ExpectationFailure& failure) const;
  // GTEST_SKIP(), likewise.
  void Skipped() const;
  // Calls the body once, taking exceptions as GoogleTest does, or runs the
  // plain TEST. Expectations go to Failed. Callers of the body hold an
  // ExpectationScope; see CallBody.
  void RunTestOnce() const;
  void CallBody() const;
  // A thread of the scenario was neither joined nor detached: tells the parent.
  // False if there is one.
  bool CheckThreads() const;
};

// Takes the threads of this process that run now, the caller apart, for the
// runtime's own: they are no part of a hang. RunWorker does it before it loads
// the module; a runtime that starts threads later says so itself.
void NoteRuntimeThreads(Blackboard& board);

// The calling thread, too: it only waits for the one that runs the body.
void NoteWaitingThread(Blackboard& board);

struct WorkerOptions {
  std::string module;
  std::string test;
  Blackboard* board = nullptr;
  // In the child, before the module is loaded; may be empty.
  std::function<void()> before_load;
  // In the child. Runs the test as often as it likes; returning is what tells
  // the parent that the run was complete.
  std::function<void(const WorkerContext&)> work;
  double hang_seconds = 5;
  // What a child may hold whose round does not end: with more it is told to
  // fill memory, a finding, so choose more than any right program needs. 0:
  // nobody looks.
  uint64_t most_bytes = 0;
  // In the parent; messages whose kind is not worker's own (lower-case kinds
  // are free), and every few ten milliseconds.
  std::function<void(char kind, std::string_view bytes)> on_message;
  std::function<void()> on_tick;
  // In the parent, after each message. True: enough has been heard.
  std::function<bool()> stop;
};

struct WorkerReport {
  bool complete = false;  // work() returned
  std::string load_error;
  bool skipped = false;                      // the test left with GTEST_SKIP()
  std::vector<ExpectationFailure> failures;  // the first few
  std::optional<CrashReport> crash;
  std::optional<std::string>
      terminate;                      // std::terminate; the exception, if any
  std::optional<std::string> misuse;  // of a lock; a sentence
  std::optional<uint32_t> unjoined;   // slot
  HangWatch::State hang = HangWatch::State::kGoing;
  std::vector<HangingThread> threads;  // of a hang
  uint64_t too_many_bytes = 0;         // held in a hang, if over most_bytes
  ChildEnd end;
};

// Of a process, in memory now; 0 if nobody knows.
uint64_t ResidentBytes(pid_t process);

// Error: no child can be made.
absl::StatusOr<WorkerReport> RunWorker(const WorkerOptions& options);

// What the report proves against the program, if anything; without evidence.
// An expectation that failed comes before what the failure led to.
std::optional<verdict::Finding> FindingOf(const WorkerReport& report,
                                          Places& places,
                                          const Blackboard& board);

// Why a report without a finding is no complete run either; empty if it is one.
std::string WhyIncomplete(const WorkerReport& report, Places& places,
                          double hang_seconds);

}  // namespace racelab::runtimes

#endif  // RACELAB_RUNTIMES_COMMON_WORKER_H_
