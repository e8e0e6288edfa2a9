#include "runtimes/common/runner.h"

#include <gmock/gmock.h>

#include "runtimes/common/testing.h"

namespace racelab::runtimes {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using verdict::Outcome;

const char kRunner[] = RACELAB_BIN "/runner.plain";
const char kModule[] = RACELAB_MODULES "/common_every_outcome.so";

RunnerAnswer Ask(std::vector<std::string> tests, std::string options = "{}",
                 std::string module = kModule) {
  return AskRunner({.runner = kRunner,
                    .module = module,
                    .native = true,
                    .tests = std::move(tests),
                    .options = std::move(options),
                    .raw = ""});
}

TEST(Runner, ListsEveryTestInTheOrderOfTheScenario) {
  const RunnerAnswer answer = Ask({});
  EXPECT_TRUE(answer.well_formed);
  EXPECT_TRUE(answer.done) << answer.output;
  EXPECT_EQ(answer.exit_code, kWorked);
  EXPECT_THAT(
      answer.tests,
      ElementsAre("Sequential.Passes", "Sequential.FailsTwice",
                  "Sequential.Throws", "Sequential.Skips", "Sequential.Leaves",
                  "Sequential.Crashes", "Concurrent.Passes",
                  "Concurrent.FailsInAThread", "Concurrent.SkipsInAThread"));
  EXPECT_THAT(answer.records[1], HasSubstr("\"concurrent\":true"));
  EXPECT_THAT(answer.records[1], HasSubstr("\"file\":\"scenario.cc\""));
}

TEST(Runner, JudgesEachRequestedTestWhateverHappensToTheOthers) {
  const RunnerAnswer answer =
      Ask({"Sequential.Crashes", "Sequential.Leaves", "Sequential.Throws",
           "Sequential.FailsTwice", "Concurrent.FailsInAThread",
           "Concurrent.Passes", "Sequential.Passes", "Sequential.Skips",
           "Concurrent.SkipsInAThread"});
  EXPECT_TRUE(answer.well_formed && answer.done) << answer.output;
  const auto message = [&](const char* test) {
    const verdict::TestResult result = answer.ResultOf(test);
    EXPECT_EQ(result.outcome, Outcome::kFail) << Describe(result);
    return result.finding ? result.finding->message : "";
  };
  EXPECT_THAT(message("Sequential.Crashes"), HasSubstr("SIGSEGV"));
  EXPECT_THAT(message("Sequential.Leaves"), HasSubstr("left with 0"));
  EXPECT_THAT(message("Sequential.Throws"), HasSubstr("out of cheese"));
  EXPECT_THAT(message("Sequential.FailsTwice"), HasSubstr("arithmetic"));
  EXPECT_THAT(message("Concurrent.FailsInAThread"), HasSubstr("in a thread"));
  EXPECT_EQ(answer.ResultOf("Concurrent.Passes").outcome, Outcome::kPass);
  EXPECT_EQ(answer.ResultOf("Sequential.Passes").outcome, Outcome::kPass);
  EXPECT_EQ(answer.ResultOf("Sequential.Skips").outcome,
            Outcome::kInconclusive);
  EXPECT_EQ(answer.ResultOf("Concurrent.SkipsInAThread").outcome,
            Outcome::kInconclusive);
}

TEST(Runner, OffersTheNamesOfTheTestsThatThereAre) {
  const verdict::TestResult result = Ask({"No.Such"}).ResultOf("No.Such");
  EXPECT_EQ(result.outcome, Outcome::kHarnessError);
  EXPECT_THAT(result.mend, HasSubstr("Sequential.Passes"));
}

TEST(Runner, CallsAnEarlyEndOfTheProgramACrash) {
  const RunnerAnswer answer =
      Ask({"Never.Runs"}, "{}", RACELAB_MODULES "/common_dies_early.so");
  EXPECT_TRUE(answer.done);
  const verdict::TestResult result = answer.ResultOf("Never.Runs");
  ASSERT_EQ(result.outcome, Outcome::kFail) << Describe(result);
  EXPECT_EQ(result.finding->kind, verdict::FailureKind::kCrash);
  EXPECT_THAT(result.finding->message, HasSubstr("initializer"));
}

TEST(Runner, SaysWhyItCannotWork) {
  const RunnerAnswer unable = Ask({}, R"({"unable":true})");
  EXPECT_EQ(unable.exit_code, kCannotWork);
  EXPECT_FALSE(unable.done);
  EXPECT_EQ(unable.error, "this machine is too small");

  EXPECT_THAT(Ask({}, R"({"misspelt":1})").error, HasSubstr("misspelt"));
  EXPECT_THAT(Ask({}, "{}", "/nonexistent.so").error,
              HasSubstr("/nonexistent.so"));
}

TEST(Runner, RefusesARequestThatIsNone) {
  const RunnerAnswer answer =
      AskRunner({.runner = kRunner, .module = "", .tests = {}, .raw = "hello"});
  EXPECT_EQ(answer.exit_code, kCannotWork);
  EXPECT_THAT(answer.error, HasSubstr("not a JSON object"));
}

}  // namespace
}  // namespace racelab::runtimes
