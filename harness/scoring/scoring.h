// What results are worth: pure arithmetic on values. No files, no clock.
//
// A test earns its points only if every engine that its manifest names passes
// it. One failure decides against it, whatever else was inconclusive. Without a
// failure, an engine that could not decide (kInconclusive, kHarnessError)
// leaves the test *undecided*: its points are withheld and marked, never a
// zero.
//
// Thread safety: values and free functions without state.

#ifndef RACELAB_SCORING_SCORING_H_
#define RACELAB_SCORING_SCORING_H_

#include <string>
#include <vector>

#include "manifest/manifest.h"
#include "verdict/verdict.h"

namespace racelab::scoring {

struct TestScore {
  std::string test;
  int points = 0;  // earned
  int max_points = 0;
  verdict::Outcome outcome = verdict::Outcome::kHarnessError;
  // One for each engine that the manifest names, in its order. Where an engine
  // said nothing, or passed without evidence, a harness error says so.
  std::vector<verdict::TestResult> results;
  bool operator==(const TestScore&) const = default;
};

struct LabScore {
  std::vector<TestScore> tests;  // in the manifest's order
  int points = 0;
  int max_points = 0;
  int undecided_points = 0;  // withheld: neither earned nor lost
  verdict::Outcome outcome = verdict::Outcome::kHarnessError;
  bool operator==(const LabScore&) const = default;
};

// `results`: what the engines said, in any order. `findings`: what building and
// reading the module found; with any of them nothing is passed. Engines that
// were not run because the module does not build need no results then.
LabScore Score(const manifest::Lab& lab,
               const std::vector<verdict::TestResult>& results,
               const std::vector<verdict::Finding>& findings);

// The one that decides: a failure, else a harness error, else an inconclusive
// end, else a pass.
verdict::Outcome Worse(verdict::Outcome a, verdict::Outcome b);

inline constexpr int kExitPass = 0;
inline constexpr int kExitFail = 1;     // the code under test fails
inline constexpr int kExitUsage = 2;    // the command line or a manifest
inline constexpr int kExitMachine = 3;  // the harness or the machine

int ExitCode(verdict::Outcome outcome);

}  // namespace racelab::scoring

#endif  // RACELAB_SCORING_SCORING_H_
