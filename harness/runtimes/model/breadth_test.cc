// Pairs of right and wrong programs beyond those of runner_test.cc, compiled by
// both compilers; Abseil's synchronization; and what the model cannot follow.

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <string>
#include <vector>

#include "runtimes/common/testing.h"
#include "verdict/verdict.h"

namespace racelab::model {
namespace {

using verdict::FailureKind;
using verdict::Outcome;

class RunnerBreadth : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(Module("model_breadth"))) {
      GTEST_SKIP() << "this machine has no " << GetParam();
    }
  }
  std::string Module(const std::string& name) const {
    return std::string(RACELAB_MODULES) + "/" + name + "_" + GetParam() + ".so";
  }
  // All tests of a module.
  runtimes::RunnerAnswer AskAll(const std::string& name) const {
    runtimes::RunnerAsk ask;
    ask.runner = std::string(RACELAB_BIN) + "/runner.model";
    ask.module = Module(name);
    ask.options = R"({"seconds":1})";
    ask.tests = runtimes::AskRunner(ask).tests;
    const runtimes::RunnerAnswer answer = runtimes::AskRunner(ask);
    EXPECT_TRUE(answer.done) << answer.error << answer.output;
    return answer;
  }
};

TEST_P(RunnerBreadth, CatchesWhatIsWrongAndNothingElse) {
  const struct {
    const char* test;
    FailureKind kind;
  } wrong[] = {
      {"Wrong.SixteenBytesInTwoHalves", FailureKind::kWrongResult},
      {"Wrong.AtomicRefBesideAPlainAccess", FailureKind::kDataRace},
      {"Wrong.FlagIsSetTooSoon", FailureKind::kDataRace},
      {"Wrong.WaitKnowsOfNoStop", FailureKind::kDeadlock},
      {"Wrong.AsyncIsNotAwaited", FailureKind::kDataRace},
      {"Wrong.SharedPointerItselfIsShared", FailureKind::kDataRace},
      {"Wrong.PthreadWriterReads", FailureKind::kDataRace},
      {"Wrong.ClockwaitOnce", FailureKind::kWrongResult},
      {"Wrong.TryJoinIsTakenToSucceed", FailureKind::kWrongResult},
  };
  size_t seen = 0;
  for (const verdict::TestResult& result : AskAll("model_breadth").results) {
    const std::string what = result.test + ": " + runtimes::Describe(result);
    if (result.test.starts_with("Right.")) {
      EXPECT_EQ(result.outcome, Outcome::kPass) << what;
    } else if (result.test.starts_with("Unsupported.")) {
      EXPECT_EQ(result.outcome, Outcome::kInconclusive) << what;
      std::string call = result.test.substr(12) + "()";
      call[0] = static_cast<char>(std::tolower(call[0]));
      EXPECT_NE(result.reason.find(call), std::string::npos) << what;
    } else {
      const auto* expected = std::find_if(
          std::begin(wrong), std::end(wrong),
          [&](const auto& one) { return one.test == result.test; });
      ASSERT_NE(expected, std::end(wrong)) << what;
      ++seen;
      ASSERT_EQ(result.outcome, Outcome::kFail) << what;
      EXPECT_EQ(result.finding->kind, expected->kind) << what;
    }
  }
  EXPECT_EQ(seen, std::size(wrong));
}

// The programs that runner.tsan is held against, too.
TEST_P(RunnerBreadth, KnowsAbseilsSynchronization) {
  const runtimes::RunnerAnswer answer = AskAll("model_abseil");
  EXPECT_GE(answer.results.size(), 18u);
  for (const verdict::TestResult& result : answer.results) {
    EXPECT_EQ(result.outcome, result.test.starts_with("Right.")
                                  ? Outcome::kPass
                                  : Outcome::kFail)
        << result.test << ": " << runtimes::Describe(result);
  }
}

INSTANTIATE_TEST_SUITE_P(Compilers, RunnerBreadth,
                         testing::Values("clang", "gcc"),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace racelab::model
