#include "scoring/scoring.h"

#include <utility>

#include "manifest/text.h"

namespace racelab::scoring {
namespace {

using manifest::Cat;
using verdict::Engine;
using verdict::Evidence;
using verdict::Outcome;
using verdict::TestResult;

int Rank(Outcome outcome) {
  switch (outcome) {
    case Outcome::kFail:
      return 3;
    case Outcome::kHarnessError:
      return 2;
    case Outcome::kInconclusive:
      return 1;
    case Outcome::kPass:
      return 0;
  }
  return 2;
}

TestResult HarnessError(const std::string& test, Engine engine,
                        std::string reason) {
  TestResult result;
  result.test = test;
  result.engine = engine;
  result.outcome = Outcome::kHarnessError;
  result.reason = std::move(reason);
  result.mend =
      "run it again; if it stays so, `./racelab doctor` looks at "
      "this machine";
  return result;
}

// What `engine` says of `test`: the worst, if it said more than one thing.
TestResult Find(const std::vector<TestResult>& results, const std::string& test,
                Engine engine) {
  const TestResult* found = nullptr;
  for (const TestResult& result : results) {
    if (result.test != test || result.engine != engine) continue;
    if (found == nullptr || Rank(result.outcome) > Rank(found->outcome)) {
      found = &result;
    }
  }
  if (found == nullptr) {
    return HarnessError(
        test, engine,
        Cat("the ", verdict::Name(engine), " engine gave no result"));
  }
  if (found->outcome == Outcome::kPass &&
      found->evidence.strength == Evidence::Strength::kNone) {
    return HarnessError(test, engine,
                        Cat("the ", verdict::Name(engine),
                            " engine passed the test without evidence"));
  }
  return *found;
}

bool Stops(const std::vector<verdict::Finding>& findings) {
  for (const verdict::Finding& finding : findings) {
    if (finding.kind == verdict::FailureKind::kBuildError) return true;
  }
  return false;
}

}  // namespace

Outcome Worse(Outcome a, Outcome b) { return Rank(a) >= Rank(b) ? a : b; }

int ExitCode(Outcome outcome) {
  switch (outcome) {
    case Outcome::kPass:
      return kExitPass;
    case Outcome::kFail:
      return kExitFail;
    case Outcome::kInconclusive:
    case Outcome::kHarnessError:
      return kExitMachine;
  }
  return kExitMachine;
}

LabScore Score(const manifest::Lab& lab, const std::vector<TestResult>& results,
               const std::vector<verdict::Finding>& findings) {
  LabScore score;
  score.outcome = findings.empty() ? Outcome::kPass : Outcome::kFail;
  const bool built = !Stops(findings);
  for (const manifest::Test& test : lab.tests) {
    TestScore row;
    row.test = test.name;
    row.max_points = test.points;
    row.outcome = findings.empty() ? Outcome::kPass : Outcome::kFail;
    for (Engine engine : test.engines) {
      if (!built) break;
      row.results.push_back(Find(results, test.name, engine));
      row.outcome = Worse(row.outcome, row.results.back().outcome);
    }
    switch (row.outcome) {
      case Outcome::kPass:
        row.points = row.max_points;
        break;
      case Outcome::kFail:
        break;
      case Outcome::kInconclusive:
      case Outcome::kHarnessError:
        score.undecided_points += row.max_points;
        break;
    }
    score.points += row.points;
    score.max_points += row.max_points;
    score.outcome = Worse(score.outcome, row.outcome);
    score.tests.push_back(std::move(row));
  }
  return score;
}

}  // namespace racelab::scoring
