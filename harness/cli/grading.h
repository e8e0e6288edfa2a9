// One answer to one lab, from files to a report: build, run the engines, score.
// `check`, `grade` and `verify` all go through here, so that what proves a lab
// is what grades a student.

#ifndef RACELAB_CLI_GRADING_H_
#define RACELAB_CLI_GRADING_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "build/build.h"
#include "cli/context.h"
#include "cli/cores.h"
#include "manifest/manifest.h"
#include "manifest/submission.h"
#include "report/model.h"
#include "verdict/verdict.h"

namespace racelab::cli {

struct GradeRequest {
  const manifest::Lab* lab = nullptr;
  manifest::Files files;                 // the editable ones
  std::vector<verdict::Engine> engines;  // empty: all that the lab names
  std::vector<std::string> tests;        // empty: all
  uint64_t seed = 1;
  double budget = 1;  // factor on the lab's budgets
  double stress = 1;  // a further factor on the time of stress
  int jobs = 1;       // processes that share one search of the model
  Cores* cores = nullptr;
  // A word or two on what is going on; from any thread. May be empty.
  std::function<void(std::string_view phase)> on_phase;
};

struct Graded {
  std::vector<verdict::TestResult> results;
  std::vector<verdict::Finding> findings;  // building, reading the module
  std::string warnings;                    // the compiler's
  std::string source_hash;
  std::filesystem::path source_root;  // empty if nothing was built
  bool from_cache = false;            // the modules were
  // Set if we or the machine could not; the results are harness errors then.
  std::string reason;
  std::string mend;
  double seconds = 0;
};

// The modules of an answer that `engines` will run (empty: all that the lab
// names), from the cache where it has them. Errors are build's.
absl::StatusOr<build::BuildOutcome> BuildAnswer(
    const Context& context, const manifest::Lab& lab,
    const manifest::Files& files, std::vector<verdict::Engine> engines = {});

// Those that Grade() will run. BuildAnswer's errors.
absl::StatusOr<build::BuildOutcome> BuildFor(const Context& context,
                                             const GradeRequest& request);

// Every file below `root` ("student/counter.cc") as lines.
std::map<std::string, std::vector<std::string>> ReadSources(
    const std::filesystem::path& root);

// As many as the machine has, at least two: stress must see threads meet.
int MachineCores();
// Gradings at the same time: two more than cores, since some of them wait.
// Their engines hold cores of their own (cores.h).
int DefaultJobs();

// Errors: InvalidArgument, the lab's own files do not compile; Cancelled, an
// interrupt. Whatever else the machine cannot do is in `reason`, with a harness
// error for every test and engine.
absl::StatusOr<Graded> Grade(const Context& context,
                             const GradeRequest& request);

// Scored, and told as a report. `replay_suffix` is added to replay commands:
// " --from DIR" where the files do not lie in the lab's own folder.
report::LabReport MakeReport(const Context& context, const manifest::Lab& lab,
                             const manifest::Files& files, const Graded& graded,
                             std::string_view replay_suffix);

// A lab of the submission that the machine could not read: a harness error for
// every test.
report::LabReport NotReadable(const Context& context, const manifest::Lab& lab,
                              const absl::Status& why);

// A lab of the submission that cannot be graded as it was handed in: no points,
// and a finding that says why.
report::LabReport NotGradable(const Context& context, const manifest::Lab& lab,
                              std::string_view why);

// Adds the labs up; `command` and the time are the context's and now.
report::RunReport Total(const Context& context,
                        std::vector<report::LabReport> labs);

}  // namespace racelab::cli

#endif  // RACELAB_CLI_GRADING_H_
