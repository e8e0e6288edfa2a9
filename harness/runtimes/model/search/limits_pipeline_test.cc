// What the runner says an exhaustive search has left out, on programs compiled
// by both compilers; and what it refuses.

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "runtimes/common/testing.h"
#include "verdict/verdict.h"

namespace racelab::model {
namespace {

using verdict::FailureKind;
using verdict::Outcome;

std::string ModulePath(const std::string& module) {
  return std::string(RACELAB_MODULES) + "/model_" + module + ".so";
}

runtimes::RunnerAnswer Ask(const std::string& module,
                           std::vector<std::string> tests,
                           std::string options = R"({"seconds":1})") {
  runtimes::RunnerAsk ask;
  ask.runner = std::string(RACELAB_BIN) + "/runner.model";
  ask.module = ModulePath(module);
  ask.tests = std::move(tests);
  ask.options = std::move(options);
  return runtimes::AskRunner(ask);
}

class RunnerLimits : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    ASSERT_TRUE(std::filesystem::exists(ModulePath(Module())))
        << "no module by " << GetParam()
        << ": install what debian-packages.txt names, and build again";
  }
  std::string Module() const { return "limits_" + GetParam(); }
};

// "Exhausted" is meant to the letter, or says within which limits.
TEST_P(RunnerLimits, SaysWhatItLeavesOut) {
  const struct {
    const char* test;
    const char* limit;  // "": none
  } cases[] = {
      {"Letter.LookingInACircle", ""},
      {"Letter.YieldingInACircle", ""},
      {"Letter.PollingUnderALock", ""},
      {"Letter.TryingInACircle", ""},
      {"Letter.WaitingInALoop", ""},
      {"Letter.WaitingForAnAtomic", ""},
      {"Letter.StrongExchanges", ""},
      {"Within.TwoWaitsMayWakeTwice", "spurious wake-ups: at most 1"},
      {"Within.ThreeTimeouts", "early timeouts: at most 2"},
      {"Within.CountingTheLooks", "looks and attempts in vain"},
      {"Within.CountingTheRounds", "looks and attempts in vain"},
      {"Within.AnotherCountsTheRounds", "looks and attempts in vain"},
      {"Within.SleepingInARow", "fair schedules"},
      {"Within.LookingAtTheClock", "looks at a clock"},
  };
  std::vector<std::string> names;
  for (const auto& one : cases) names.push_back(one.test);
  const runtimes::RunnerAnswer answer =
      Ask(Module(), names, R"({"strategy":"full"})");
  for (const auto& one : cases) {
    const verdict::TestResult result = answer.ResultOf(one.test);
    ASSERT_EQ(result.outcome, Outcome::kPass)
        << one.test << ": " << runtimes::Describe(result);
    EXPECT_EQ(result.evidence.strength, verdict::Evidence::Strength::kExhausted)
        << one.test;
    std::string limits;
    for (const std::string& limit : result.evidence.limits) {
      limits += limit + "; ";
    }
    if (*one.limit == '\0') {
      EXPECT_EQ(limits, "") << one.test;
    } else {
      EXPECT_NE(limits.find(one.limit), std::string::npos)
          << one.test << ": " << limits;
    }
  }
}

TEST_P(RunnerLimits, SaysThatWeakExchangesFailOnce) {
  const std::string test = "Within.WeakExchangesFailTwice";
  const verdict::TestResult result = Ask(Module(), {test}).ResultOf(test);
  EXPECT_EQ(result.outcome, Outcome::kPass);
  ASSERT_EQ(result.evidence.limits.size(), 1u);
  EXPECT_NE(result.evidence.limits[0].find("at most 1"), std::string::npos)
      << result.evidence.limits[0];
}

// Two threads that back off in step can do so for ever: such a search has no
// end.
TEST_P(RunnerLimits, DoesNotExhaustBackingOffInStep) {
  const std::string test = "Within.BothBackOffInStep";
  const verdict::TestResult result =
      Ask(Module(), {test}, R"({"strategy":"full","executions":200})")
          .ResultOf(test);
  EXPECT_EQ(result.outcome, Outcome::kPass) << runtimes::Describe(result);
  EXPECT_EQ(result.evidence.strength, verdict::Evidence::Strength::kSampled);
}

TEST_P(RunnerLimits, FindsWhatComesAfterTwoRoundsOfBackingOff) {
  const runtimes::RunnerAnswer answer =
      Ask(Module(), {"Found.AfterTwoRounds", "Found.AfterTwoLooks"});
  for (const verdict::TestResult& result : answer.results) {
    ASSERT_EQ(result.outcome, Outcome::kFail) << runtimes::Describe(result);
    EXPECT_EQ(result.finding->kind, FailureKind::kWrongResult);
  }
  EXPECT_EQ(answer.results.size(), 2u);
}

// A program that needs more than the model has is not accused of it; one that
// would overflow a stack everywhere is.
TEST_P(RunnerLimits, TellsItsOwnRoomFromThePrograms) {
  const runtimes::RunnerAnswer answer = Ask(
      Module(), {"Room.SevenMebibytesOfStack", "Room.LargeLocal",
                 "Room.FifteenMebibytesOfHeap", "NoRoom.TenMebibytesOfStack",
                 "NoRoom.TwentyMebibytesOfHeap", "NoRoom.HeapFilledWithoutEnd",
                 "Overflow.TenMebibytesOfStack", "Overflow.TooLargeALocal"});
  EXPECT_EQ(answer.results.size(), 8u) << answer.output;
  for (const verdict::TestResult& result : answer.results) {
    const std::string what = result.test + ": " + runtimes::Describe(result);
    if (result.test.starts_with("Room.")) {
      EXPECT_EQ(result.outcome, Outcome::kPass) << what;
    } else if (result.test.starts_with("NoRoom.")) {
      EXPECT_EQ(result.outcome, Outcome::kInconclusive) << what;
      EXPECT_NE(result.reason.find("the model has no more"), std::string::npos)
          << what;
      EXPECT_NE(result.mend.find("let another engine judge"), std::string::npos)
          << what;
    } else {
      ASSERT_EQ(result.outcome, Outcome::kFail) << what;
      EXPECT_EQ(result.finding->kind, FailureKind::kCrash) << what;
    }
  }
}

TEST(RunnerRefuses, AModuleWithoutInstrumentation) {
  const verdict::TestResult result = Ask("native", {"Counter.AtomicLosesNone"})
                                         .ResultOf("Counter.AtomicLosesNone");
  EXPECT_EQ(result.outcome, Outcome::kHarnessError);
  EXPECT_NE(result.reason.find("not instrumented"), std::string::npos);
  EXPECT_NE(result.mend.find("-fsanitize=thread"), std::string::npos);
}

TEST(RunnerRefuses, OptionsOutOfRange) {
  const runtimes::RunnerAnswer answer =
      Ask("limits_clang", {"Letter.LookingInACircle"}, R"({"depth":0})");
  EXPECT_FALSE(answer.done);
  EXPECT_NE(answer.error.find("depth"), std::string::npos) << answer.error;
}

INSTANTIATE_TEST_SUITE_P(Compilers, RunnerLimits,
                         testing::Values("clang", "gcc"),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace racelab::model
