// Runs one runner on one module, in the sandbox, and turns what it said and how
// it ended into results: one for each test of the lab that names the engine,
// always.
//
// What a runner says is hostile: the student's code shares its address space.
// Records count only with the request's nonce, in sequence, of the right shape
// and size; a test passes only if its `result` record says so *and* the runner
// went on to `done` and exited by itself. Everything else is turned into what
// it was:
//   killed by a signal while a test ran        fail, crash
//   exit by the student's code                 fail, crash ("left early")
//   memory or output limit                     fail, crash (names the limit)
//   time limit                                 inconclusive; a livelock only if
//                                              the runner itself proved it
//   nonce or sequence broken                   fail, forbidden-construct
//   the runner could not work                  inconclusive, with the mend
//   the sandbox could not                      harness-error, with the mend
//
// Thread safety: RunEngine may be called from any threads at once.

#ifndef RACELAB_ENGINES_ENGINE_H_
#define RACELAB_ENGINES_ENGINE_H_

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "build/modules.h"
#include "manifest/manifest.h"
#include "verdict/verdict.h"

namespace racelab::engines {

struct RunOptions {
  std::filesystem::path runners;  // the folder that holds runner.tsan, …
  uint64_t seed = 1;
  // Only these tests of the lab; empty: all that name the engine.
  std::vector<std::string> tests;
  // Processes that share the model's search.
  int jobs = 1;
  // Factor on every budget of seconds and executions that the lab declares
  // (1 = as declared).
  double budget = 1;
  // Replaces every test's strategy in the model, if not empty ("full", …).
  std::string strategy;
  bool no_sandbox = false;
  // Called as the runner works, from RunEngine's thread. Both may be empty.
  std::function<void(std::string_view test)> on_begin;
  std::function<void(std::string_view test, uint64_t executions)> on_progress;
};

// One result for each test of the lab that names `engine`, in the lab's order.
// A result that failed under the model and can be replayed carries a token in
// its finding. The status is an error only for a caller's mistake
// (InvalidArgument) or after sandbox::CancelAll (Cancelled).
absl::StatusOr<std::vector<verdict::TestResult>> RunEngine(
    verdict::Engine engine, const manifest::Lab& lab,
    const build::Modules& modules, const RunOptions& options);

// Runs the execution that `token` names once more, under the model.
// FailedPrecondition: the token is of another lab or of other sources; the
// message is a sentence for the person who gave it. `gdb`: in the terminal,
// under gdb, without isolation; the result is then only that gdb ended.
absl::StatusOr<verdict::TestResult> Replay(std::string_view token,
                                           const manifest::Lab& lab,
                                           const build::Modules& modules,
                                           const RunOptions& options,
                                           bool gdb = false);

}  // namespace racelab::engines

#endif  // RACELAB_ENGINES_ENGINE_H_
