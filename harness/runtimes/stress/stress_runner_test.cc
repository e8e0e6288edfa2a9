#include "runtimes/stress/stress_runner.h"

#include <gmock/gmock.h>

#include <map>

#include "runtimes/common/testing.h"

namespace racelab::stress {
namespace {

using runtimes::AskRunner;
using runtimes::Describe;
using runtimes::RunnerAnswer;
using ::testing::HasSubstr;
using verdict::FailureKind;
using verdict::Outcome;

const char kRunner[] = RACELAB_BIN "/runner.stress";

struct Build {
  std::string compiler;
  bool native;
};

RunnerAnswer Ask(const std::string& twin, const Build& build,
                 std::vector<std::string> tests, std::string options) {
  return AskRunner({.runner = kRunner,
                    .module = RACELAB_MODULES "/stress_" + twin + "_" +
                              build.compiler +
                              (build.native ? "_native.so" : ".so"),
                    .native = build.native,
                    .tests = std::move(tests),
                    .options = std::move(options),
                    .raw = ""});
}

class StressRunnerTest
    : public testing::TestWithParam<std::tuple<const char*, bool>> {
 protected:
  Build build() const {
    return {std::get<0>(GetParam()), std::get<1>(GetParam())};
  }
};

TEST(StressRunner, DoesNotPassATestThatSkipsItself) {
  for (const char* test : {"Sequential.Skips", "Concurrent.SkipsInAThread"}) {
    const verdict::TestResult result =
        AskRunner({.runner = kRunner,
                   .module = RACELAB_MODULES "/common_every_outcome.so",
                   .native = true,
                   .tests = {test},
                   .options = "{}",
                   .raw = ""})
            .ResultOf(test);
    EXPECT_EQ(result.outcome, Outcome::kInconclusive) << Describe(result);
    EXPECT_EQ(result.reason, "the test skips itself");
  }
}

TEST_P(StressRunnerTest, CatchesWhatHangsOrGoesWrong) {
  const std::map<std::string, std::vector<FailureKind>> expected = {
      {"LocksInBothOrders", {FailureKind::kDeadlock}},
      {"MissesAWakeUp", {FailureKind::kDeadlock}},
      {"WaitsForAnAbslCondition", {FailureKind::kDeadlock}},
      {"GrowsAVectorTogether",
       {FailureKind::kCrash, FailureKind::kWrongResult}},
      {"LosesAnUpdateOf12Bytes", {FailureKind::kWrongResult}},
      {"LosesAnUpdateOf16Bytes", {FailureKind::kWrongResult}},
  };
  std::vector<std::string> tests;
  for (const auto& [name, kinds] : expected) tests.push_back("Broken." + name);
  const RunnerAnswer answer =
      Ask("broken", build(), tests, R"({"seconds":20})");
  EXPECT_TRUE(answer.well_formed && answer.done) << answer.output;
  for (const auto& [name, kinds] : expected) {
    const verdict::TestResult result = answer.ResultOf("Broken." + name);
    ASSERT_EQ(result.outcome, Outcome::kFail) << name << Describe(result);
    EXPECT_THAT(kinds, testing::Contains(result.finding->kind))
        << Describe(result);
  }
}

TEST_P(StressRunnerTest, AccusesNoRepairedProgram) {
  const std::vector<std::string> tests =
      Ask("repaired", build(), {}, "{}").tests;
  ASSERT_GE(tests.size(), 12u);
  const RunnerAnswer answer =
      Ask("repaired", build(), tests, R"({"seconds":0.3})");
  EXPECT_TRUE(answer.well_formed && answer.done) << answer.output;
  for (const verdict::TestResult& result : answer.results) {
    EXPECT_EQ(result.outcome, Outcome::kPass)
        << result.test << ": " << Describe(result);
    EXPECT_GE(result.evidence.executions, 1u);
  }
}

// As on a machine that stands still while the time runs.
TEST_P(StressRunnerTest, DisturbsInEveryWayHoweverShortTheTime) {
  const std::vector<std::string> tests = {"Repaired.Counter", "Repaired.Ticket",
                                          "Repaired.WakeUp",
                                          "Repaired.StateIsFreshInEveryRound"};
  const RunnerAnswer answer =
      Ask("repaired", build(), tests, R"({"seconds":0.000001})");
  EXPECT_TRUE(answer.well_formed && answer.done) << answer.output;
  EXPECT_EQ(answer.results.size(), tests.size());
  for (const verdict::TestResult& result : answer.results) {
    EXPECT_EQ(result.outcome, Outcome::kPass) << Describe(result);
    EXPECT_GE(result.evidence.executions, 16u) << result.test;
  }
}

// A round takes 300 ms.
TEST_P(StressRunnerTest, EndsSlowRoundsSoonAfterTheirTime) {
  const RunnerAnswer answer =
      Ask("repaired", build(), {"Repaired.TakesItsTime"},
          R"({"seconds":0.000001})");
  const verdict::TestResult result = answer.ResultOf("Repaired.TakesItsTime");
  EXPECT_EQ(result.outcome, Outcome::kPass) << Describe(result);
  EXPECT_LT(result.evidence.executions, 16u);
}

TEST_P(StressRunnerTest, RunsNoMoreRoundsThanItMay) {
  const std::vector<std::string> tests =
      Ask("repaired", build(), {}, "{}").tests;
  ASSERT_GE(tests.size(), 12u);
  const RunnerAnswer answer =
      Ask("repaired", build(), tests, R"({"seconds":20,"rounds":3})");
  EXPECT_TRUE(answer.well_formed && answer.done) << answer.output;
  EXPECT_EQ(answer.results.size(), tests.size());
  for (const verdict::TestResult& result : answer.results) {
    EXPECT_LE(result.evidence.executions, 3u)
        << result.test << ": " << Describe(result);
  }
}

TEST_P(StressRunnerTest, ProvesNothingAgainstWhatMerelyGoesOn) {
  const RunnerAnswer answer =
      Ask("broken", build(),
          {"Broken.SpinsForEver", "Broken.WaitsWithATimeoutForEver"},
          R"({"hang_seconds":1})");
  for (const verdict::TestResult& result : answer.results) {
    EXPECT_EQ(result.outcome, Outcome::kInconclusive) << Describe(result);
    EXPECT_THAT(result.reason, HasSubstr("scenario.cc:"));
  }
  EXPECT_EQ(answer.results.size(), 2u);
}

INSTANTIATE_TEST_SUITE_P(Builds, StressRunnerTest,
                         testing::Combine(testing::Values(RACELAB_COMPILERS),
                                          testing::Bool()),
                         [](const auto& info) {
                           return std::string(std::get<0>(info.param)) +
                                  (std::get<1>(info.param) ? "Native"
                                                           : "Instrumented");
                         });

class StressRunnerDelaysTest : public testing::TestWithParam<const char*> {};

// Ends as soon as it is seen; the seconds are for a machine that has other
// work.
TEST_P(StressRunnerDelaysTest, SeeALostUpdateEveryTime) {
  const std::vector<std::string> tests(20, "Broken.LosesAnUpdate");
  for (const auto& result :
       Ask("broken", {GetParam(), false}, tests, R"({"seconds":10})").results) {
    ASSERT_EQ(result.outcome, Outcome::kFail) << Describe(result);
    EXPECT_EQ(result.finding->kind, FailureKind::kWrongResult);
    EXPECT_EQ(result.finding->where.file, "scenario.cc");
  }
}

TEST_P(StressRunnerDelaysTest, SeeACheckThatIsOutOfDate) {
  const auto result = Ask("broken", {GetParam(), false},
                          {"Broken.ChecksThenActs"}, R"({"seconds":5})")
                          .ResultOf("Broken.ChecksThenActs");
  EXPECT_EQ(result.outcome, Outcome::kFail) << Describe(result);
}

INSTANTIATE_TEST_SUITE_P(Compilers, StressRunnerDelaysTest,
                         testing::Values(RACELAB_COMPILERS),
                         [](const auto& info) { return info.param; });

TEST(StressRunner, TellsWhoHoldsWhatInADeadlock) {
  const auto result = Ask("broken", {"clang", true},
                          {"Broken.LocksInBothOrders"}, R"({"seconds":20})")
                          .ResultOf("Broken.LocksInBothOrders");
  ASSERT_TRUE(result.finding.has_value()) << Describe(result);
  ASSERT_EQ(result.finding->blocked.size(), 3u);
  EXPECT_EQ(result.finding->blocked[1].held_by, "T2");
  EXPECT_EQ(result.finding->blocked[2].held_by, "T1");
  EXPECT_THAT(result.finding->blocked[1].waits_for, HasSubstr("mutex "));
}

TEST(StressRunner, DoesAsManyRoundsAsItIsTold) {
  const auto result = Ask("repaired", {"clang", true}, {"Repaired.Counter"},
                          R"({"seconds":60,"rounds":100})")
                          .ResultOf("Repaired.Counter");
  EXPECT_EQ(result.outcome, Outcome::kPass) << Describe(result);
  EXPECT_EQ(result.evidence.executions, 100u);
}

TEST(StressRunner, GoesOnInANewProcessWhenMemoryFills) {
  const auto result =
      Ask("repaired", {"clang", true}, {"Repaired.FillsMemoryBetweenRounds"},
          R"({"seconds":120,"rounds":700})")
          .ResultOf("Repaired.FillsMemoryBetweenRounds");
  EXPECT_EQ(result.outcome, Outcome::kPass) << Describe(result);
  EXPECT_EQ(result.evidence.executions, 700u);
}

}  // namespace
}  // namespace racelab::stress
