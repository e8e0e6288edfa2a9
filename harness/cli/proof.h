// Is a lab what it says it is? What `verify` demands of a lab, apart from how
// its answers are run: pure functions on values, and one look at the files.
//
// A Problem is told in the instructor's terms: which answer, what is wrong,
// what to do.

#ifndef RACELAB_CLI_PROOF_H_
#define RACELAB_CLI_PROOF_H_

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/manifest.h"
#include "manifest/submission.h"
#include "verdict/verdict.h"

namespace racelab::cli {

enum class AnswerKind { kStarter, kSolution, kAccepted, kRejected };

// One answer of a lab, with what it must do.
struct Answer {
  AnswerKind kind = AnswerKind::kStarter;
  std::string name;   // "starter", "solution", "rejected/volatile"
  std::string shown;  // its folder, relative to the root
  manifest::Files files;
  manifest::RejectedAnswer rejected;  // iff kRejected
  std::string sampled_because;        // iff kAccepted, may be empty
};

// What running it gave.
struct AnswerRun {
  std::vector<verdict::TestResult> results;
  std::vector<verdict::Finding> findings;
  std::string warnings;
};

struct Problem {
  std::string where;  // "labs/races/x/hints.md", "rejected/volatile"
  std::string what;   // one sentence, the mend included
  // Nobody could decide: the machine's trouble or a budget, not the lab's
  // fault.
  bool undecided = false;
  // The failure that shows it, where there is one: told at length.
  bool has_result = false;
  verdict::TestResult result;
  bool operator==(const Problem&) const = default;
};

// What a line about them begins with: "ok", "WRONG", or "?" where nobody could
// decide and nothing else is wrong; blanks make them equally wide.
std::string_view Mark(const std::vector<Problem>& problems);

// The engines and tests that must run to judge the answer; empty: all.
struct Needed {
  std::vector<verdict::Engine> engines;
  std::vector<std::string> tests;
  // Of the time that the lab gives to stress. A right answer always spends it,
  // and not failing proves little there: a part is enough.
  double stress = 1;
};
Needed NeededFor(const manifest::Lab& lab, const Answer& answer);

// What `run` shows against `answer`; empty: it does what it must.
//   starter   fails exactly the declared cells, each with a declared kind
//   solution, accepted   pass every cell, with the declared strength
//   rejected  each declared engine catches it, with a declared kind
std::vector<Problem> Judge(const manifest::Lab& lab, const Answer& answer,
                           const AnswerRun& run);

// What can be seen without running anything: files that are missing, stray,
// name solutions/, or have too few hints or answers; tests of scenario.cc that
// lab.toml does not know; hints that hold a line of the solution.
std::vector<Problem> CheckFiles(const std::filesystem::path& root,
                                const manifest::Lab& lab,
                                const manifest::Solutions& solutions);

// The lines of `solution` that `starter` does not have and that say something:
// 15 characters or more, blanks reduced to one.
std::vector<std::string> TellingLines(const manifest::Files& starter,
                                      const manifest::Files& solution);

}  // namespace racelab::cli

#endif  // RACELAB_CLI_PROOF_H_
