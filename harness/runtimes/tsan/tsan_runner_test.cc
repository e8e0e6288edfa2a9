#include "runtimes/tsan/tsan_runner.h"

#include <gmock/gmock.h>

#include <map>

#include "runtimes/common/testing.h"

namespace racelab::tsan {
namespace {

using runtimes::AskRunner;
using runtimes::Describe;
using runtimes::RunnerAnswer;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using verdict::FailureKind;
using verdict::Outcome;

const char kRunner[] = RACELAB_BIN "/runner.tsan";

std::string Module(const std::string& name) {
  return RACELAB_MODULES "/tsan_" + name + ".so";
}

RunnerAnswer Ask(const std::string& module, std::vector<std::string> tests,
                 std::string options = "{}") {
  return AskRunner({.runner = kRunner,
                    .module = module,
                    .tests = std::move(tests),
                    .options = std::move(options),
                    .raw = ""});
}

// Every test of the module.
RunnerAnswer AskAll(const std::string& module, std::string options = "{}") {
  return Ask(module, Ask(module, {}).tests, std::move(options));
}

class TsanRunnerTest : public testing::TestWithParam<const char*> {
 protected:
  std::string Broken() const {
    return Module(std::string("broken_") + GetParam());
  }
  std::string Repaired() const {
    return Module(std::string("repaired_") + GetParam());
  }
};

TEST_P(TsanRunnerTest, CatchesEveryBrokenProgram) {
  const std::map<std::string, std::vector<FailureKind>> expected = {
      {"RacesOnAGlobal", {FailureKind::kDataRace}},
      {"RacesOnTheHeap", {FailureKind::kDataRace}},
      {"ReadsWithoutTheLock", {FailureKind::kDataRace}},
      // Which of the two comes first is the schedule's choice.
      {"GrowsAStringThatIsRead",
       {FailureKind::kUseAfterFree, FailureKind::kDataRace}},
      {"ChangesWhatAnAtomicSharedPointerHolds", {FailureKind::kDataRace}},
      {"SearchesAMapThatGrows", {FailureKind::kDataRace}},
      {"UsesWhatAnotherFreed",
       {FailureKind::kUseAfterFree, FailureKind::kDataRace}},
      {"UnlocksAnothersMutex", {FailureKind::kMisuse}},
      {"LocksTwice", {FailureKind::kDeadlock}},
      {"GivesAWrongResult", {FailureKind::kWrongResult}},
      {"ThrowsInAThread", {FailureKind::kCrash}},
      {"ForgetsToJoin", {FailureKind::kCrash}},
      {"FollowsANullPointer", {FailureKind::kCrash}},
      {"Leaves", {FailureKind::kCrash}},
      {"OverflowsItsStack", {FailureKind::kCrash}},
      {"PublishesByARelaxedAtomicOfTwelveBytes", {FailureKind::kDataRace}},
      {"NeverJoinsAPthread", {FailureKind::kLeak}},
      {"WaitsForEver", {FailureKind::kDeadlock}},
  };
  const RunnerAnswer answer = AskAll(Broken());
  EXPECT_TRUE(answer.well_formed && answer.done) << answer.output;
  ASSERT_EQ(answer.results.size(), expected.size());
  for (const auto& [name, kinds] : expected) {
    const verdict::TestResult result = answer.ResultOf("Broken." + name);
    ASSERT_EQ(result.outcome, Outcome::kFail) << name << Describe(result);
    EXPECT_THAT(kinds, testing::Contains(result.finding->kind))
        << Describe(result);
  }
}

TEST_P(TsanRunnerTest, AccusesNoRepairedProgram) {
  const RunnerAnswer answer = AskAll(Repaired());
  EXPECT_TRUE(answer.well_formed && answer.done) << answer.output;
  EXPECT_TRUE(answer.canary);
  EXPECT_GE(answer.results.size(), 22u);
  for (const verdict::TestResult& result : answer.results) {
    EXPECT_EQ(result.outcome, Outcome::kPass)
        << result.test << ": " << Describe(result);
  }
}

TEST_P(TsanRunnerTest, StartsEachRunWithTheGlobalsThatTheModuleHas) {
  const verdict::TestResult result =
      Ask(Module(std::string("heap_globals_") + GetParam()),
          {"HeapGlobals.AreAsAtFirstInEveryRun"})
          .ResultOf("HeapGlobals.AreAsAtFirstInEveryRun");
  EXPECT_EQ(result.outcome, Outcome::kPass) << Describe(result);
  EXPECT_EQ(result.evidence.executions, 5u);
}

TEST_P(TsanRunnerTest, ReportsARaceEveryTimeAndItsTwinNever) {
  const std::vector<std::string> ten_races(10, "Broken.RacesOnAGlobal");
  for (const auto& result : Ask(Broken(), ten_races, R"({"runs":1})").results) {
    EXPECT_EQ(result.outcome, Outcome::kFail) << Describe(result);
  }
  const std::vector<std::string> ten_twins(10, "Repaired.Mutex");
  for (const auto& result :
       Ask(Repaired(), ten_twins, R"({"runs":1})").results) {
    EXPECT_EQ(result.outcome, Outcome::kPass) << Describe(result);
  }
}

TEST_P(TsanRunnerTest, NamesBothAccessesAndTheObject) {
  const verdict::TestResult result =
      Ask(Broken(), {"Broken.ReadsWithoutTheLock"})
          .ResultOf("Broken.ReadsWithoutTheLock");
  ASSERT_TRUE(result.finding.has_value()) << Describe(result);
  const verdict::Finding& finding = *result.finding;
  EXPECT_EQ(finding.object, "counter");
  EXPECT_EQ(finding.object_origin, "global");
  ASSERT_EQ(finding.accesses.size(), 2u);
  EXPECT_NE(finding.accesses[0].thread, finding.accesses[1].thread);
  EXPECT_NE(finding.accesses[0].is_write, finding.accesses[1].is_write);
  for (const verdict::Access& access : finding.accesses) {
    EXPECT_THAT(access.thread, AnyOf("T1", "T2"));
    ASSERT_FALSE(access.stack.empty());
    EXPECT_EQ(access.stack.front().file, "scenario.cc");
  }
}

TEST_P(TsanRunnerTest, SaysWhereAHeapObjectWasAllocated) {
  const verdict::TestResult result = Ask(Broken(), {"Broken.RacesOnTheHeap"})
                                         .ResultOf("Broken.RacesOnTheHeap");
  ASSERT_TRUE(result.finding.has_value()) << Describe(result);
  EXPECT_THAT(result.finding->object, HasSubstr("balance"));
  EXPECT_THAT(result.finding->object_origin,
              HasSubstr("heap, 16 bytes from scenario.cc:"));
}

TEST_P(TsanRunnerTest, TellsWhoWaitsForWhomInADeadlock) {
  const verdict::TestResult result =
      Ask(Broken(), {"Broken.WaitsForEver"}).ResultOf("Broken.WaitsForEver");
  ASSERT_TRUE(result.finding.has_value()) << Describe(result);
  ASSERT_EQ(result.finding->blocked.size(), 2u);
  EXPECT_EQ(result.finding->blocked[0].held_by, "T1");
  EXPECT_EQ(result.finding->blocked[1].held_by, "main");
  EXPECT_GT(result.finding->where.line, 0);
}

TEST_P(TsanRunnerTest, SaysHowMuchAPassIsWorth) {
  const verdict::TestResult result =
      Ask(Repaired(), {"Repaired.Mutex"}, R"({"runs":2})")
          .ResultOf("Repaired.Mutex");
  EXPECT_EQ(result.evidence.strength, verdict::Evidence::Strength::kRounds);
  EXPECT_EQ(result.evidence.executions, 2u);
}

TEST_P(TsanRunnerTest, KnowsAbseilsSynchronization) {
  const std::map<std::string, FailureKind> wrong = {
      {"Wrong.WritesUnderAReaderLock", FailureKind::kDataRace},
      {"Wrong.ReadsWithoutTheLock", FailureKind::kDataRace},
      {"Wrong.SetsTheFlagWithoutTheLock", FailureKind::kDataRace},
      {"Wrong.LocksTwice", FailureKind::kMisuse},
      {"Wrong.UnlocksWhatIsNotLocked", FailureKind::kMisuse},
      {"Wrong.WaitsForNobody", FailureKind::kDeadlock},
      {"Wrong.TwoWaitForEver", FailureKind::kDeadlock},
      {"Wrong.AssertsWhatItDoesNotHold", FailureKind::kMisuse},
      {"Wrong.CondVarIsNeverSignalled", FailureKind::kDeadlock},
      {"Wrong.ReadsWithoutTheNotification", FailureKind::kDataRace},
      {"Wrong.CountsOneTooFew", FailureKind::kDataRace},
      {"Wrong.BarrierIsOneTooMany", FailureKind::kDeadlock},
      {"Wrong.DestroysWhatAnotherLocks", FailureKind::kDataRace},
      {"Wrong.DestroysWhatAnotherSignals", FailureKind::kDataRace},
      {"Wrong.EachLocksItsOwn", FailureKind::kDataRace},
  };
  const RunnerAnswer answer =
      AskAll(Module(std::string("abseil_") + GetParam()));
  EXPECT_TRUE(answer.well_formed && answer.done) << answer.output;
  EXPECT_EQ(answer.results.size(), 14 + wrong.size());
  for (const verdict::TestResult& result : answer.results) {
    const auto expected = wrong.find(result.test);
    if (expected == wrong.end()) {
      EXPECT_EQ(result.outcome, Outcome::kPass)
          << result.test << ": " << Describe(result);
      continue;
    }
    ASSERT_EQ(result.outcome, Outcome::kFail) << result.test;
    EXPECT_EQ(result.finding->kind, expected->second) << Describe(result);
    EXPECT_EQ(result.finding->where.file, "scenario.cc") << Describe(result);
  }
}

TEST_P(TsanRunnerTest, KnowsWhatTheLibraryDoesUnseen) {
  const RunnerAnswer answer =
      AskAll(Module(std::string("library_") + GetParam()));
  EXPECT_TRUE(answer.well_formed && answer.done) << answer.output;
  EXPECT_GE(answer.results.size(), 22u);
  for (const verdict::TestResult& result : answer.results) {
    EXPECT_EQ(result.outcome, result.test.starts_with("Right.") ? Outcome::kPass
                              : result.test.starts_with("Skipped.")
                                  ? Outcome::kInconclusive
                                  : Outcome::kFail)
        << result.test << ": " << Describe(result);
  }
}

// A module whose tests say by their names which of them have a data race.
void ExpectRacesOfWrongOnes(const RunnerAnswer& answer, size_t tests) {
  EXPECT_TRUE(answer.well_formed && answer.done) << answer.output;
  EXPECT_GE(answer.results.size(), tests);
  for (const verdict::TestResult& result : answer.results) {
    const bool right = result.test.starts_with("Right.");
    ASSERT_EQ(result.outcome, right ? Outcome::kPass : Outcome::kFail)
        << result.test << ": " << Describe(result);
    if (right) continue;
    EXPECT_EQ(result.finding->kind, FailureKind::kDataRace) << result.test;
    EXPECT_EQ(result.finding->where.file, "scenario.cc") << Describe(result);
  }
}

TEST_P(TsanRunnerTest, KnowsWhatFencesOrder) {
  ExpectRacesOfWrongOnes(AskAll(Module(std::string("fences_") + GetParam())),
                         12);
}

TEST_P(TsanRunnerTest, KnowsWhatLargeAtomicsOrder) {
  ExpectRacesOfWrongOnes(
      AskAll(Module(std::string("large_atomics_") + GetParam())), 12);
}

INSTANTIATE_TEST_SUITE_P(Compilers, TsanRunnerTest,
                         testing::Values(RACELAB_COMPILERS),
                         [](const auto& info) { return info.param; });

TEST(TsanRunner, RefusesANativeModule) {
  const RunnerAnswer answer = AskRunner({.runner = kRunner,
                                         .module = Module("broken_clang"),
                                         .native = true,
                                         .tests = {},
                                         .raw = ""});
  EXPECT_EQ(answer.exit_code, 3);
  EXPECT_THAT(answer.error, HasSubstr("instrumented"));
}

TEST(TsanRunner, TakesNoOptionsFromTheEnvironment) {
  setenv("TSAN_OPTIONS", "report_bugs=0:ignore_noninstrumented_modules=1", 1);
  const verdict::TestResult result =
      Ask(Module("broken_clang"), {"Broken.RacesOnAGlobal"})
          .ResultOf("Broken.RacesOnAGlobal");
  unsetenv("TSAN_OPTIONS");
  EXPECT_EQ(result.outcome, Outcome::kFail) << Describe(result);
}

TEST(TsanRunner, SaysSoWhereThreadSanitizerCannotStart) {
  const RunnerAnswer answer =
      AskRunner({.runner = RACELAB_BIN "/limited_tsan.sh",
                 .module = Module("broken_clang"),
                 .tests = {},
                 .raw = ""});
  EXPECT_EQ(answer.exit_code, 3);
  EXPECT_TRUE(answer.well_formed) << answer.output;
  EXPECT_THAT(answer.error, HasSubstr("cannot start"));
}

}  // namespace
}  // namespace racelab::tsan
