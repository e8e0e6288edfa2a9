// The runner on small programs with every primitive, compiled by both
// compilers: what is wrong is caught, as what it is; its repaired twin never
// is.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtimes/common/testing.h"
#include "verdict/verdict.h"

namespace racelab::model {
namespace {

using verdict::FailureKind;
using verdict::Outcome;

struct Expected {
  const char* module;
  const char* test;
  // What it must fail with; nullopt: it must pass.
  std::optional<FailureKind> kind;
};

constexpr auto kRight = std::nullopt;

const Expected kExpected[] = {
    {"counter", "Counter.PlainLosesAnIncrement", FailureKind::kDataRace},
    {"counter", "Counter.LoadAndStoreLosesAnIncrement",
     FailureKind::kWrongResult},
    {"counter", "Counter.LockedLosesNone", kRight},
    {"counter", "Counter.AtomicLosesNone", kRight},
    {"counter", "Counter.JthreadLosesNone", kRight},
    {"counter", "Counter.StartsAtZero", kRight},

    {"waiting", "Condition.WaitInALoopIsRight", kRight},
    {"waiting", "Condition.WaitWithIfWakesSpuriously",
     FailureKind::kWrongResult},
    {"waiting", "Condition.NotifyWithoutStateIsMissed", FailureKind::kDeadlock},
    {"waiting", "Condition.TimedWaitReturnsEitherWay", kRight},
    {"waiting", "Condition.TimeoutIsMistakenForTheEvent",
     FailureKind::kWrongResult},
    {"waiting", "Condition.AnyWithStopTokenIsRight", kRight},
    {"waiting", "Condition.WaitingWithoutTheLockIsMisuse",
     FailureKind::kMisuse},
    {"waiting", "Semaphore.PostPublishes", kRight},
    {"waiting", "Semaphore.TwoPermitsAdmitTwo", FailureKind::kDataRace},
    {"waiting", "Semaphore.OnePermitAdmitsOne", kRight},
    {"waiting", "Semaphore.GuardsWhatIsAskedAgainAndAgain", kRight},
    {"waiting", "Semaphore.NobodyPosts", FailureKind::kDeadlock},
    {"waiting", "Semaphore.TryAcquireForEndsInTime", kRight},
    {"waiting", "Semaphore.PosixIsTheSame", kRight},
    {"waiting", "Latch.CountedDownByAll", kRight},
    {"waiting", "Latch.CountedTooLow", FailureKind::kDataRace},
    {"waiting", "Barrier.PhasesDoNotMix", kRight},
    {"waiting", "Barrier.PosixPhasesDoNotMix", kRight},
    {"waiting", "Barrier.OneIsMissing", FailureKind::kDeadlock},
    {"waiting", "Future.PromiseKept", kRight},
    {"waiting", "Future.AsyncAndPackagedTask", kRight},
    {"waiting", "Future.ExceptionsTravel", kRight},
    {"waiting", "Future.PromiseNeverKept", FailureKind::kDeadlock},
    {"waiting", "AtomicWait.NotifiedAfterTheStore", kRight},
    {"waiting", "AtomicWait.NeverNotified", FailureKind::kDeadlock},
    {"waiting", "AtomicWait.SleepsBeforeTheStore", FailureKind::kDeadlock},
    {"waiting", "AtomicWait.NotifiesOneOfTwo", FailureKind::kDeadlock},
    {"waiting", "AtomicWait.BoolNotifiedAfterTheStore", kRight},
    {"waiting", "AtomicWait.BoolNotifiesOneOfTwo", FailureKind::kDeadlock},
    {"waiting", "AtomicWait.BoolNotifiesOneAfterTheOther", kRight},
    {"waiting", "AtomicWait.BoolsNotifyOneWaiterEach", kRight},

    {"lockers", "Locks.OppositeOrderDeadlocks", FailureKind::kDeadlock},
    {"lockers", "Locks.SameOrderIsRight", kRight},
    {"lockers", "Locks.ScopedLockIsRightInAnyOrder", kRight},
    {"lockers", "Locks.TwoLocksForOneValueRace", FailureKind::kDataRace},
    {"lockers", "Locks.RelockingDeadlocks", FailureKind::kDeadlock},
    {"lockers", "Locks.RecursiveMayBeRelocked", kRight},
    {"lockers", "Locks.UnlockingAnothersIsMisuse", FailureKind::kMisuse},
    {"lockers", "Locks.UnlockingUnlockedIsMisuse", FailureKind::kMisuse},
    {"lockers", "Locks.DestroyingLockedIsMisuse", FailureKind::kMisuse},
    {"lockers", "Locks.TryLockFindsItTaken", kRight},
    {"lockers", "Locks.TimedLockGivesUpOrGetsIt", kRight},
    {"lockers", "Locks.BacksOffAfterATimedTry", kRight},
    {"lockers", "Locks.TriesAgainForTheSecondOfTwo", kRight},
    {"lockers", "Locks.TimedTriesForALockThatStaysLocked",
     FailureKind::kLivelock},
    {"lockers", "Locks.ReadersShare", kRight},
    {"lockers", "Locks.WritingAsAReaderRaces", FailureKind::kDataRace},
    {"lockers", "Locks.WriterExcludesReader", kRight},
    {"lockers", "Once.CallOnceRunsOnce", kRight},
    {"lockers", "Once.CallOnceTriesAgainAfterAnException", kRight},
    {"lockers", "Once.FunctionStaticIsMadeOnce", kRight},
    {"lockers", "Once.CheckedWithoutALockRaces", FailureKind::kDataRace},
    {"lockers", "Pthread.ErrorCheckingMutexSaysSo", kRight},
    {"lockers", "Pthread.RobustMutexTellsOfItsOwnersDeath", kRight},
    {"lockers", "Pthread.SpinLockExcludes", kRight},

    {"lives", "Threads.LeftOverIsALeak", FailureKind::kLeak},
    {"lives", "Threads.DetachedMayEndLater", kRight},
    {"lives", "Threads.JoinableDestroyedTerminates", FailureKind::kCrash},
    {"lives", "Threads.JoiningItselfIsMisuse", FailureKind::kMisuse},
    {"lives", "Threads.ExitUnwinds", kRight},
    {"lives", "Threads.ThreadLocalsArePrivateAndDestroyed", kRight},
    {"lives", "Threads.KeysAreDestroyed", kRight},
    {"lives", "Threads.ExceptionsStayInTheirThread", kRight},
    {"lives", "Threads.MoreThanFour", kRight},
    {"lives", "Threads.UncaughtExceptionIsACrash", FailureKind::kCrash},
    {"lives", "Threads.ExitIsACrash", FailureKind::kCrash},
    {"lives", "Threads.NullPointerIsACrash", FailureKind::kCrash},
    {"lives", "Threads.StackOverflowIsACrash", FailureKind::kCrash},
    {"lives", "Heap.ReadAfterFree", FailureKind::kUseAfterFree},
    {"lives", "Heap.FreedByAnother", FailureKind::kUseAfterFree},
    {"lives", "Heap.FreedTwice", FailureKind::kDoubleFree},
    {"lives", "Heap.NeverFreed", FailureKind::kLeak},
    {"lives", "Heap.KeptByAGlobalIsNoLeak", kRight},
    {"lives", "Heap.FilledAndGivenBack", kRight},
    {"lives", "Heap.GlobalsStartAfresh", kRight},
    {"lives", "Heap.SharedPtrCountsAtomically", kRight},
    {"lives", "Heap.AtomicSharedPtr", kRight},
    {"lives", "Spin.AcquireLoopEnds", kRight},
    {"lives", "Spin.YieldingLoopEnds", kRight},
    {"lives", "Spin.RelaxedFlagRaces", FailureKind::kDataRace},
    {"lives", "Spin.NobodyStores", FailureKind::kLivelock},
    {"lives", "Spin.PlainFlagRaces", FailureKind::kDataRace},
    {"lives", "Spin.PlainFlagThatNobodySets", FailureKind::kLivelock},
    {"lives", "Spin.LongWayWithoutSynchronizing", kRight},
    {"lives", "Spin.AfterYou", FailureKind::kLivelock},
    {"lives", "Spin.AfterYouWithATurn", kRight},
    {"lives", "Spin.SpinLockExcludes", kRight},
    {"lives", "Spin.SpinLockNeverReleased", FailureKind::kLivelock},
    {"lives", "Spin.EmptyLoopIsLivelock", FailureKind::kLivelock},
    {"lives", "Spin.GoesOnAfterThreeYields", kRight},
};

std::string ModulePath(const std::string& module, const std::string& compiler) {
  return std::string(RACELAB_MODULES) + "/model_" + module + "_" + compiler +
         ".so";
}

runtimes::RunnerAnswer Ask(const std::string& path,
                           std::vector<std::string> tests,
                           std::string options = R"({"seconds":1})") {
  runtimes::RunnerAsk ask;
  ask.runner = std::string(RACELAB_BIN) + "/runner.model";
  ask.module = path;
  ask.tests = std::move(tests);
  ask.options = std::move(options);
  return runtimes::AskRunner(ask);
}

class RunnerModel : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    ASSERT_TRUE(std::filesystem::exists(ModulePath("counter", GetParam())))
        << "no module by " << GetParam()
        << ": install what debian-packages.txt names, and build again";
  }
};

TEST_P(RunnerModel, CatchesWhatIsWrongAndNothingElse) {
  std::map<std::string, std::vector<std::string>> tests;
  for (const Expected& expected : kExpected) {
    tests[expected.module].push_back(expected.test);
  }
  std::map<std::string, runtimes::RunnerAnswer> answers;
  for (const auto& [module, names] : tests) {
    answers[module] = Ask(ModulePath(module, GetParam()), names);
    EXPECT_TRUE(answers[module].done)
        << module << ": " << answers[module].output;
  }
  for (const Expected& expected : kExpected) {
    const verdict::TestResult result =
        answers[expected.module].ResultOf(expected.test);
    if (expected.kind) {
      ASSERT_EQ(result.outcome, Outcome::kFail)
          << expected.test << ": " << runtimes::Describe(result);
      EXPECT_EQ(result.finding->kind, *expected.kind)
          << expected.test << ": " << runtimes::Describe(result);
    } else {
      EXPECT_EQ(result.outcome, Outcome::kPass)
          << expected.test << ": " << runtimes::Describe(result);
    }
  }
}

// The reduction leaves out no failure: what is wrong is never said to have been
// exhausted.
TEST_P(RunnerModel, FullSearchExhaustsNothingThatIsWrong) {
  std::map<std::string, std::vector<std::string>> tests;
  for (const Expected& expected : kExpected) {
    if (expected.kind) tests[expected.module].push_back(expected.test);
  }
  for (const auto& [module, names] : tests) {
    const runtimes::RunnerAnswer answer =
        Ask(ModulePath(module, GetParam()), names,
            R"({"seconds":1,"strategy":"full"})");
    EXPECT_TRUE(answer.done) << module << ": " << answer.output;
    for (const std::string& name : names) {
      const verdict::TestResult result = answer.ResultOf(name);
      EXPECT_FALSE(result.outcome == Outcome::kPass &&
                   result.evidence.strength ==
                       verdict::Evidence::Strength::kExhausted)
          << name << ": " << runtimes::Describe(result);
    }
  }
}

TEST_P(RunnerModel, DoesNotAccuseWhoWasMadeToWaitOfExcludingOthers) {
  const verdict::TestResult result =
      Ask(ModulePath("lives", GetParam()), {"Spin.GivesUpAfterFortyLooks"})
          .ResultOf("Spin.GivesUpAfterFortyLooks");
  EXPECT_EQ(result.outcome, Outcome::kInconclusive)
      << runtimes::Describe(result);
  EXPECT_THAT(result.reason, testing::HasSubstr("gave up"));
}

// One process for all: what comes after a test that was left in the middle is
// judged as ever.
TEST_P(RunnerModel, ProvesThatASequentialTestNeverEnds) {
  const std::vector<std::pair<std::string, std::optional<FailureKind>>>
      expected = {
          {"Right.HasThreads", kRight},
          {"Wrong.StandsStill", FailureKind::kLivelock},
          {"Wrong.LooksAtWhatNobodyChanges", FailureKind::kLivelock},
          {"Right.LooksForAWhile", kRight},
          {"Wrong.SpinsOnALockThatItHolds", FailureKind::kLivelock},
          {"Right.LooksManyTimes", kRight},
          {"Wrong.YieldsToNobody", FailureKind::kLivelock},
          {"Wrong.LocksTwice", FailureKind::kDeadlock},
          {"Right.Sleeps", kRight},
          {"Wrong.WaitsForANotification", FailureKind::kDeadlock},
          {"Right.WaitsForAThread", kRight},
          {"Wrong.AcquiresWhatNobodyReleases", FailureKind::kDeadlock},
          {"Right.AcquiresWhatAThreadReleases", kRight},
          {"Right.Counts", kRight},
          {"Right.FindsTheGlobalsAsTheyWere", kRight},
      };
  std::vector<std::string> names;
  for (const auto& [name, kind] : expected) names.push_back(name);
  const runtimes::RunnerAnswer answer =
      Ask(ModulePath("sequential", GetParam()), names, R"({"seconds":20})");
  EXPECT_TRUE(answer.done) << answer.output;
  for (const auto& [name, kind] : expected) {
    const verdict::TestResult result = answer.ResultOf(name);
    if (!kind) {
      EXPECT_EQ(result.outcome, Outcome::kPass)
          << name << ": " << runtimes::Describe(result);
      continue;
    }
    ASSERT_EQ(result.outcome, Outcome::kFail)
        << name << ": " << runtimes::Describe(result);
    EXPECT_EQ(result.finding->kind, *kind);
    EXPECT_EQ(result.finding->where.file, "scenario.cc") << name;
  }
}

TEST_P(RunnerModel, ClaimsNothingOfASequentialTestThatGoesOn) {
  for (const char* name : {"Unknown.CountsForEver", "Unknown.CountsUnderAlarms",
                           "Unknown.WaitsLikeItsThread"}) {
    const verdict::TestResult result =
        Ask(ModulePath("sequential", GetParam()), {name}, R"({"seconds":1})")
            .ResultOf(name);
    EXPECT_EQ(result.outcome, Outcome::kInconclusive);
    EXPECT_THAT(result.reason, testing::HasSubstr("it is at scenario.cc:"));
  }
}

TEST_P(RunnerModel, SaysThatItCannotFollowAFork) {
  const verdict::TestResult result =
      Ask(ModulePath("lives", GetParam()), {"Threads.ForkIsUnsupported"})
          .ResultOf("Threads.ForkIsUnsupported");
  EXPECT_EQ(result.outcome, Outcome::kInconclusive);
  EXPECT_NE(result.reason.find("fork"), std::string::npos) << result.reason;
}

TEST_P(RunnerModel, ReductionLosesNoWayToWakeUp) {
  const std::string test = "Condition.EveryWakeUpIsTried";
  verdict::TestResult results[2];
  for (const bool reduce : {false, true}) {
    verdict::TestResult& result = results[reduce];
    result =
        Ask(ModulePath("waiting", GetParam()), {test},
            std::string(R"({"strategy":"full","executions":100000000,)") +
                R"("seconds":60,"reduce":)" + (reduce ? "true}" : "false}"))
            .ResultOf(test);
    ASSERT_EQ(result.outcome, Outcome::kPass) << runtimes::Describe(result);
    ASSERT_EQ(result.evidence.strength,
              verdict::Evidence::Strength::kExhausted);
  }
  EXPECT_LT(results[1].evidence.executions * 2, results[0].evidence.executions);
}

// The same decisions give the same failure in another process.
TEST_P(RunnerModel, ReplaysInANewProcess) {
  const std::string test = "Counter.LoadAndStoreLosesAnIncrement";
  const std::string path = ModulePath("counter", GetParam());
  const runtimes::RunnerAnswer first = Ask(path, {test});
  ASSERT_EQ(first.replays.size(), 1u);
  ASSERT_FALSE(first.replays[0].empty());
  for (int i = 0; i < 3; ++i) {
    const runtimes::RunnerAnswer again =
        Ask(path, {test}, R"({"replay":")" + first.replays[0] + "\"}");
    const verdict::TestResult result = again.ResultOf(test);
    ASSERT_EQ(result.outcome, Outcome::kFail) << runtimes::Describe(result);
    EXPECT_EQ(result.finding->trace, first.ResultOf(test).finding->trace);
  }
}

INSTANTIATE_TEST_SUITE_P(Compilers, RunnerModel,
                         testing::Values("clang", "gcc"),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace racelab::model
