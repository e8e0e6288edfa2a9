#include <gmock/gmock.h>
#include <unistd.h>

#include <string>

#include "runtimes/common/testing.h"
#include "runtimes/process/hang.h"

namespace racelab::process {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using verdict::FailureKind;
using verdict::Outcome;

verdict::TestResult Judge(const std::string& test,
                          const std::string& options = "{}",
                          const std::string& module = "process_family") {
  const runtimes::RunnerAnswer answer =
      runtimes::AskRunner({.runner = RACELAB_BIN "/runner.process",
                           .module = RACELAB_MODULES "/" + module + ".so",
                           .native = true,
                           .tests = {test},
                           .options = options,
                           .raw = ""});
  EXPECT_TRUE(answer.done) << answer.output << answer.error;
  return answer.ResultOf(test);
}

void ExpectFailure(const std::string& test, FailureKind kind,
                   const std::string& message) {
  const verdict::TestResult result = Judge(test);
  ASSERT_EQ(result.outcome, Outcome::kFail) << runtimes::Describe(result);
  EXPECT_EQ(result.finding->kind, kind) << runtimes::Describe(result);
  EXPECT_THAT(result.finding->message, HasSubstr(message));
}

void ExpectPass(const std::string& test) {
  const verdict::TestResult result = Judge(test);
  EXPECT_EQ(result.outcome, Outcome::kPass) << runtimes::Describe(result);
}

TEST(ProcessRunner, DoesNotPassATestThatSkipsItself) {
  const verdict::TestResult result =
      Judge("Sequential.Skips", "{}", "common_every_outcome");
  EXPECT_EQ(result.outcome, Outcome::kInconclusive)
      << runtimes::Describe(result);
  EXPECT_EQ(result.reason, "the test skips itself");
}

TEST(ProcessRunner, PassesWhatIsRight) {
  ExpectPass("Family.ChildsAreIsolatedAndTellByExitCode");
  ExpectPass("Family.TransfersArriveInPieces");
  ExpectPass("Family.DiesAtTheArmedPointOnly");
}

TEST(ProcessRunner, ReportsAFailedExpectation) {
  ExpectFailure("Family.ExpectsTheWrongThing", FailureKind::kWrongResult,
                "the child said otherwise");
}

TEST(ProcessRunner, FindsWhatIsLeftBehind) {
  ExpectFailure("Family.LeavesAZombie", FailureKind::kLeak,
                "Nobody has waited");
  ExpectFailure("Family.LeavesAChild", FailureKind::kLeak, "Nobody has waited");
  ExpectFailure("Family.LeavesAGrandchild", FailureKind::kLeak,
                "Nobody has waited");
  ExpectFailure("Family.LeavesADescriptor", FailureKind::kLeak, "pipe:");
  ExpectFailure("Family.LeavesAMapping", FailureKind::kLeak, "mapping");
  ExpectFailure("Family.LeavesAName", FailureKind::kLeak, "left-behind");
  ExpectPass("Family.TidiesUp");
}

TEST(ProcessRunner, FindsAChildThatComesBackIntoTheScenario) {
  ExpectFailure("Family.ChildComesBack", FailureKind::kMisuse, "_exit");
}

// ThreadSanitizer, in the runner itself, has a thread in each process that
// never waits for good: there is nothing to prove.
#ifndef RACELAB_BUILT_WITH_TSAN
TEST(ProcessRunner, ProvesADeadlockAndNamesWhoHoldsTheEnd) {
  const verdict::TestResult result =
      Judge("Family.ReadsFromAPipeThatItHoldsOpen");
  ASSERT_EQ(result.outcome, Outcome::kFail) << runtimes::Describe(result);
  const verdict::Finding& finding = *result.finding;
  EXPECT_EQ(finding.kind, FailureKind::kDeadlock);
  EXPECT_THAT(finding.message,
              HasSubstr("write end is open in the test's own process"));
  ASSERT_EQ(finding.blocked.size(), 1u);
  // AddressSanitizer's read() stands between, and keeps no frame pointer.
#ifndef RACELAB_BUILT_WITH_ASAN
  ASSERT_FALSE(finding.blocked[0].stack.empty());
  const verdict::SourceLocation& place = finding.blocked[0].stack[0];
  EXPECT_EQ(place.file, "scenario.cc");
  EXPECT_EQ(place.function, "Family.ReadsFromAPipeThatItHoldsOpen");
  EXPECT_EQ(finding.where.line, place.line);
#endif
  ExpectPass("Family.ReadsFromAPipeThatItHasClosed");
}

TEST(ProcessRunner, ProvesADeadlockOnTheLocksOfFiles) {
  ExpectFailure("Family.WaitsForAFileThatItHasLocked", FailureKind::kDeadlock,
                "a lock on a file");
  ExpectFailure("Family.WaitsForARecordThatItsParentHasLocked",
                FailureKind::kDeadlock, "a lock on a file");
  ExpectPass("Family.LocksAFileThatNobodyElseHas");
}
#endif

TEST(ProcessRunner, SaysWhereAProcessCrashed) {
  const verdict::TestResult own = Judge("Family.Crashes");
  ASSERT_EQ(own.outcome, Outcome::kFail) << runtimes::Describe(own);
  EXPECT_EQ(own.finding->kind, FailureKind::kCrash);
  EXPECT_THAT(own.finding->message,
              ContainsRegex("own process died of SIGSEGV .* at scenario.cc:"));
  EXPECT_EQ(own.finding->where.function, "Crash");

  const verdict::TestResult childs =
      Judge("Family.ExpectsMoreOfAChildThatCrashes");
  ASSERT_EQ(childs.outcome, Outcome::kFail) << runtimes::Describe(childs);
  EXPECT_EQ(childs.finding->kind, FailureKind::kWrongResult);
  EXPECT_THAT(childs.finding->message,
              ContainsRegex("it should have gone on[.] A child died of SIGSEGV "
                            ".* at scenario.cc:"));
}

TEST(ProcessRunner, DoesNotTakeASleeperForADeadlock) {
  const verdict::TestResult result =
      Judge("Family.WaitsLongForAChildThatSleeps", R"({"runs":1})");
  EXPECT_EQ(result.outcome, Outcome::kPass) << runtimes::Describe(result);
}

TEST(ProcessRunner, AccusesNobodyWhenTheTimeIsUp) {
  const verdict::TestResult result =
      Judge("Family.SpinsForEver", R"({"seconds":0.5})");
  EXPECT_EQ(result.outcome, Outcome::kInconclusive);
  EXPECT_THAT(result.reason, HasSubstr("0.5 s"));
}

TEST(ProcessRunner, CallsAnEarlyExitACrash) {
  ExpectFailure("Family.Leaves", FailureKind::kCrash, "before the test");
}

TEST(ProcessRunner, BelievesItsOwnChildOnly) {
  ExpectFailure("Family.SaysItselfThatItHasEnded", FailureKind::kCrash,
                "before the test");
  // Root may open everything; the sandbox is not root.
  if (geteuid() != 0) ExpectPass("Family.CannotReachItsRunnersMemory");
}

TEST(WaitsForTheFamily, NeedsASleepWithoutATimeout) {
  const auto waits = [](char state, const std::string& call) {
    const Task task{
        .pid = 1, .tid = 1, .state = state, .switches = 0, .call = call};
    return WaitsForTheFamily(task, Family{{task}}).has_value();
  };
  const std::string forever = "202 0x1000 0x80 0x2 0x0 0x0 0x0 0x1 0x2\n";
  EXPECT_TRUE(waits('S', forever));
  EXPECT_FALSE(waits('R', forever));
  EXPECT_FALSE(waits('S', "202 0x1000 0x80 0x2 0x7fff0 0x0 0x0 0x1 0x2\n"));
  EXPECT_FALSE(waits('S', "running\n"));
  EXPECT_FALSE(waits('S', ""));
  // clock_nanosleep
  EXPECT_FALSE(waits('S', "230 0x0 0x0 0x7fff0 0x0 0x0 0x0 0x1 0x2\n"));
  EXPECT_TRUE(waits('S', "61 0xffffffff 0x0 0x0 0x0 0x0 0x0 0x1 0x2\n"));
}

}  // namespace
}  // namespace racelab::process
