#include "scoring/scoring.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace racelab::scoring {
namespace {

using verdict::Engine;
using verdict::Evidence;
using verdict::FailureKind;
using verdict::Finding;
using verdict::Outcome;
using verdict::TestResult;

TestResult Result(std::string test, Engine engine, Outcome outcome) {
  TestResult result;
  result.test = test;
  result.engine = engine;
  result.outcome = outcome;
  if (outcome == Outcome::kPass) {
    result.evidence.strength = Evidence::Strength::kExhausted;
    result.evidence.executions = 6;
  }
  if (outcome == Outcome::kFail) result.finding.emplace();
  return result;
}

// Two tests: A.A for 6 points by tsan and model, B.B for 3 by model.
manifest::Lab TwoTests() {
  manifest::Lab lab;
  lab.tests.resize(2);
  lab.tests[0].name = "A.A";
  lab.tests[0].points = 6;
  lab.tests[0].engines = {Engine::kTsan, Engine::kModel};
  lab.tests[1].name = "B.B";
  lab.tests[1].points = 3;
  lab.tests[1].engines = {Engine::kModel};
  return lab;
}

std::vector<TestResult> Results(Outcome a_tsan, Outcome a_model,
                                Outcome b_model) {
  return {Result("B.B", Engine::kModel, b_model),
          Result("A.A", Engine::kModel, a_model),
          Result("A.A", Engine::kTsan, a_tsan)};
}

TEST(Score, GivesAllPointsWhereEveryEnginePasses) {
  const LabScore score = Score(
      TwoTests(), Results(Outcome::kPass, Outcome::kPass, Outcome::kPass), {});
  EXPECT_EQ(score.points, 9);
  EXPECT_EQ(score.max_points, 9);
  EXPECT_EQ(score.undecided_points, 0);
  EXPECT_EQ(score.outcome, Outcome::kPass);
  EXPECT_EQ(score.tests[0].results[0].engine, Engine::kTsan);
}

TEST(Score, OneFailingEngineCostsTheTestsPointsAndNoOthers) {
  const LabScore score = Score(
      TwoTests(), Results(Outcome::kPass, Outcome::kFail, Outcome::kPass), {});
  EXPECT_EQ(score.points, 3);
  EXPECT_EQ(score.tests[0].outcome, Outcome::kFail);
  EXPECT_EQ(score.tests[1].points, 3);
  EXPECT_EQ(score.outcome, Outcome::kFail);
}

TEST(Score, WithholdsPointsThatNobodyDecided) {
  const LabScore score = Score(
      TwoTests(),
      Results(Outcome::kInconclusive, Outcome::kPass, Outcome::kPass), {});
  EXPECT_EQ(score.points, 3);
  EXPECT_EQ(score.undecided_points, 6);
  EXPECT_EQ(score.outcome, Outcome::kInconclusive);
}

TEST(Score, AFailureDecidesWhateverElseIsOpen) {
  const LabScore score = Score(
      TwoTests(),
      Results(Outcome::kHarnessError, Outcome::kFail, Outcome::kPass), {});
  EXPECT_EQ(score.tests[0].outcome, Outcome::kFail);
  EXPECT_EQ(score.undecided_points, 0);
}

TEST(Score, AMissingResultIsAHarnessErrorAndNeverAPass) {
  const LabScore score =
      Score(TwoTests(), {Result("A.A", Engine::kTsan, Outcome::kPass)}, {});
  EXPECT_EQ(score.points, 0);
  EXPECT_EQ(score.undecided_points, 9);
  EXPECT_EQ(score.outcome, Outcome::kHarnessError);
  EXPECT_EQ(score.tests[1].results[0].reason,
            "the model engine gave no result");
}

TEST(Score, APassWithoutEvidenceIsNoPass) {
  std::vector<TestResult> results =
      Results(Outcome::kPass, Outcome::kPass, Outcome::kPass);
  results[0].evidence = {};
  const LabScore score = Score(TwoTests(), results, {});
  EXPECT_EQ(score.tests[1].outcome, Outcome::kHarnessError);
  EXPECT_EQ(score.points, 6);
}

TEST(Score, TheWorstOfTwoResultsOfOneCellCounts) {
  std::vector<TestResult> results =
      Results(Outcome::kPass, Outcome::kPass, Outcome::kPass);
  results.push_back(Result("B.B", Engine::kModel, Outcome::kFail));
  EXPECT_EQ(Score(TwoTests(), results, {}).points, 6);
}

TEST(Score, AForbiddenConstructLeavesNothingPassed) {
  Finding finding;
  finding.kind = FailureKind::kForbiddenConstruct;
  const LabScore score =
      Score(TwoTests(), Results(Outcome::kPass, Outcome::kPass, Outcome::kPass),
            {finding});
  EXPECT_EQ(score.points, 0);
  EXPECT_EQ(score.outcome, Outcome::kFail);
  EXPECT_EQ(score.tests[0].results.size(), 2u);
}

TEST(Score, ABuildErrorNeedsNoResults) {
  Finding finding;
  finding.kind = FailureKind::kBuildError;
  const LabScore score = Score(TwoTests(), {}, {finding});
  EXPECT_EQ(score.points, 0);
  EXPECT_EQ(score.max_points, 9);
  EXPECT_EQ(score.undecided_points, 0);
  EXPECT_EQ(score.outcome, Outcome::kFail);
  EXPECT_TRUE(score.tests[0].results.empty());
}

TEST(ExitCode, TellsTheStudentsFaultFromTheMachines) {
  EXPECT_EQ(ExitCode(Outcome::kPass), 0);
  EXPECT_EQ(ExitCode(Outcome::kFail), 1);
  EXPECT_EQ(ExitCode(Outcome::kInconclusive), 3);
  EXPECT_EQ(ExitCode(Outcome::kHarnessError), 3);
}

}  // namespace
}  // namespace racelab::scoring
