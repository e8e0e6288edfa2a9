// What the runner says beside a failure, on programs compiled by both
// compilers: the lock that would have helped; the same trace in every replay.

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "runtimes/common/testing.h"
#include "verdict/verdict.h"

namespace racelab::model {
namespace {

using verdict::Outcome;

class RunnerModelHints : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    path_ = std::string(RACELAB_MODULES) + "/model_till_" + GetParam() + ".so";
    ASSERT_TRUE(std::filesystem::exists(path_))
        << "no module by " << GetParam()
        << ": install what debian-packages.txt names, and build again";
  }

  runtimes::RunnerAnswer Ask(std::vector<std::string> tests,
                             std::string options = R"({"seconds":1})") {
    runtimes::RunnerAsk ask;
    ask.runner = std::string(RACELAB_BIN) + "/runner.model";
    ask.module = path_;
    ask.tests = std::move(tests);
    ask.options = std::move(options);
    return runtimes::AskRunner(ask);
  }

  std::vector<std::string> HintsFor(const std::string& test) {
    const verdict::TestResult result = Ask({test}).ResultOf(test);
    EXPECT_EQ(result.outcome, Outcome::kFail) << runtimes::Describe(result);
    return result.finding ? result.finding->hints : std::vector<std::string>();
  }

 private:
  std::string path_;
};

TEST_P(RunnerModelHints, NameTheFunctionThatTakesNoLock) {
  const auto hints = HintsFor("Till.LookingTakesNoLock");
  ASSERT_EQ(hints.size(), 1u);
  EXPECT_TRUE(hints[0].starts_with(
      "Holding lock throughout Look() (till.cc:12) would have excluded this "
      "failure: none of the "))
      << hints[0];
}

TEST_P(RunnerModelHints, NameTheFunctionThatLetsGoInBetween) {
  const auto hints = HintsFor("Till.SellingLetsGoInBetween");
  ASSERT_EQ(hints.size(), 1u);
  EXPECT_TRUE(
      hints[0].starts_with("Holding lock throughout Sell() (till.cc:18) "))
      << hints[0];
}

TEST_P(RunnerModelHints, NameNoLockWhereNoneHelps) {
  EXPECT_TRUE(HintsFor("Till.WaitingWithTheLockWouldBeADeadlock").empty());
  EXPECT_TRUE(HintsFor("Till.IsWrongWhateverIsLocked").empty());
}

TEST_P(RunnerModelHints, TellTheSameTraceInEveryReplay) {
  const std::string test = "Till.SellingLetsGoInBetween";
  const runtimes::RunnerAnswer first = Ask({test});
  ASSERT_EQ(first.replays.size(), 1u);
  ASSERT_FALSE(first.replays[0].empty());
  for (int i = 0; i < 20; ++i) {
    const verdict::TestResult again =
        Ask({test}, R"({"replay":")" + first.replays[0] + "\"}").ResultOf(test);
    ASSERT_EQ(again.outcome, Outcome::kFail) << runtimes::Describe(again);
    ASSERT_EQ(again.finding->trace, first.ResultOf(test).finding->trace);
  }
}

INSTANTIATE_TEST_SUITE_P(Compilers, RunnerModelHints,
                         testing::Values("clang", "gcc"),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace racelab::model
