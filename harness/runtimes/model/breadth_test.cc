// Pairs of right and wrong programs beyond those of runner_test.cc, compiled by
// both compilers; Abseil's synchronization; and what the model cannot follow.

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <set>
#include <span>
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
    ASSERT_TRUE(std::filesystem::exists(Module("model_breadth")))
        << "no module by " << GetParam()
        << ": install what debian-packages.txt names, and build again";
  }
  std::string Module(const std::string& name) const {
    return std::string(RACELAB_MODULES) + "/" + name + "_" + GetParam() + ".so";
  }
  // All tests of a module.
  runtimes::RunnerAnswer AskAll(
      const std::string& name,
      const std::string& options = R"({"seconds":1})") const {
    runtimes::RunnerAsk ask;
    ask.runner = std::string(RACELAB_BIN) + "/runner.model";
    ask.module = Module(name);
    ask.options = options;
    ask.tests = runtimes::AskRunner(ask).tests;
    const runtimes::RunnerAnswer answer = runtimes::AskRunner(ask);
    EXPECT_TRUE(answer.done) << answer.error << answer.output;
    return answer;
  }
};

// What each program that is wrong must fail with.
struct Wrong {
  const char* test;
  FailureKind kind;
};

const Wrong kBreadth[] = {
    {"Wrong.PageIsReadWithoutTheLock", FailureKind::kDataRace},
    {"Wrong.PageIsUnmappedTooSoon", FailureKind::kUseAfterFree},
    {"Wrong.FlagIsSetTooSoon", FailureKind::kDataRace},
    {"Wrong.WaitKnowsOfNoStop", FailureKind::kDeadlock},
    {"Wrong.AsyncIsNotAwaited", FailureKind::kDataRace},
    {"Wrong.SharedPointerItselfIsShared", FailureKind::kDataRace},
    {"Wrong.PthreadWriterReads", FailureKind::kDataRace},
    {"Wrong.ClockwaitOnce", FailureKind::kWrongResult},
    {"Wrong.TryJoinIsTakenToSucceed", FailureKind::kWrongResult},
};

const Wrong kAtomics[] = {
    {"Wrong.SixteenBytesInTwoHalves", FailureKind::kWrongResult},
    {"Wrong.AtomicRefBesideAPlainAccess", FailureKind::kDataRace},
    {"Wrong.OneWeakExchangeOfABool", FailureKind::kWrongResult},
    {"Wrong.OneWeakExchangeOfAShort", FailureKind::kWrongResult},
    {"Wrong.OneWeakExchangeOfAPointer", FailureKind::kWrongResult},
    {"Wrong.OneWeakExchangeOfADouble", FailureKind::kWrongResult},
    {"Wrong.OneWeakExchangeOfAStruct", FailureKind::kWrongResult},
    {"Wrong.OneWeakExchangeOfSixteenBytes", FailureKind::kWrongResult},
    {"Wrong.OneWeakExchangeByReference", FailureKind::kWrongResult},
    {"Wrong.OneWeakExchangeBuiltIn", FailureKind::kWrongResult},
    {"Wrong.ThreeBytesRelaxed", FailureKind::kDataRace},
    {"Wrong.FifteenBytesRelaxed", FailureKind::kDataRace},
    {"Wrong.TwelveBytesAreLoadedAndStored", FailureKind::kWrongResult},
    {"Wrong.FenceForAllButTheLast", FailureKind::kDataRace},
    {"Wrong.WritesBehindTheFence", FailureKind::kDataRace},
    {"Wrong.ExpectedValueIsShared", FailureKind::kDataRace},
};

const Wrong kPthreads[] = {
    {"Wrong.KeyHasNoDestructor", FailureKind::kLeak},
    {"Wrong.KeysDestructorsShareACount", FailureKind::kDataRace},
    {"Wrong.DetachedIsNotAwaited", FailureKind::kDataRace},
    {"Wrong.CreatedDetachedAndJoined", FailureKind::kMisuse},
    {"Wrong.JoinsWhatItDetached", FailureKind::kMisuse},
    {"Wrong.JoinsTwice", FailureKind::kMisuse},
    {"Wrong.TwoJoinOne", FailureKind::kMisuse},
    {"Wrong.TwoJoinOneThatStillRuns", FailureKind::kMisuse},
    {"Wrong.DetachesTwice", FailureKind::kMisuse},
    {"Wrong.DetachesWhatAnotherJoins", FailureKind::kMisuse},
    {"Wrong.ExitHandsOverALocal", FailureKind::kUseAfterFree},
    {"Wrong.SignalWakesOneOfTwo", FailureKind::kDeadlock},
    {"Wrong.ConditionIsDestroyedWhileAwaited", FailureKind::kMisuse},
    {"Wrong.TwoMutexesForOneCondition", FailureKind::kMisuse},
    {"Wrong.BarrierIsOneTooMany", FailureKind::kDeadlock},
    {"Wrong.BarrierIsOneTooFew", FailureKind::kDataRace},
    {"Wrong.BarrierIsDestroyedWhileAwaited", FailureKind::kMisuse},
    {"Wrong.TwoOncesForOneValue", FailureKind::kDataRace},
    {"Wrong.SemaphoreTryWaitIsTakenToSucceed", FailureKind::kDataRace},
    {"Wrong.SemaphoreIsDestroyedWhileAwaited", FailureKind::kMisuse},
    {"Wrong.SemaphoreIsUsedAfterItsEnd", FailureKind::kMisuse},
};

const Wrong kPthreadsLocks[] = {
    {"Wrong.RecursiveIsUnlockedOnceTooFew", FailureKind::kDeadlock},
    {"Wrong.ErrorCheckIsIgnored", FailureKind::kDataRace},
    {"Wrong.RobustsStateIsNotRepaired", FailureKind::kWrongResult},
    {"Wrong.RobustIsNotMadeConsistent", FailureKind::kWrongResult},
    {"Wrong.RobustsErrorIsTakenForTheLock", FailureKind::kDataRace},
    {"Wrong.MutexOfTheDeadIsNotRobust", FailureKind::kDeadlock},
    {"Wrong.SpinTryLockIsTakenToSucceed", FailureKind::kDataRace},
    {"Wrong.SpinIsForgotten", FailureKind::kDataRace},
    {"Wrong.SpinIsUnlockedByAnother", FailureKind::kMisuse},
    {"Wrong.SpinIsUnlockedTwice", FailureKind::kMisuse},
    {"Wrong.SpinIsRelocked", FailureKind::kDeadlock},
    {"Wrong.SpinIsDestroyedLocked", FailureKind::kMisuse},
    {"Wrong.SpinIsMadeAnewWhileLocked", FailureKind::kMisuse},
    {"Wrong.RwlockIsUnlockedByAnother", FailureKind::kMisuse},
    {"Wrong.RwlockIsUnlockedOnceTooOften", FailureKind::kMisuse},
    {"Wrong.ReaderBecomesWriter", FailureKind::kDeadlock},
    {"Wrong.WriterBecomesReader", FailureKind::kDeadlock},
    {"Wrong.RwlockIsDestroyedLocked", FailureKind::kMisuse},
};

const Wrong kScopes[] = {
    {"Wrong.LocalIsUsedAfterItsScope", FailureKind::kUseAfterFree},
    {"Wrong.BodysLocalIsUsedAfterIt", FailureKind::kUseAfterFree},
    {"Wrong.FieldOfALocalIsWrittenByBoth", FailureKind::kDataRace},
    {"Wrong.PublishedLocalIsReadTooLate", FailureKind::kUseAfterFree},
    {"Wrong.PublishedLocalOutlivesItsThread", FailureKind::kUseAfterFree},
    {"Wrong.FirstOneFreesIt", FailureKind::kUseAfterFree},
    {"Wrong.PosterFreesTheSemaphore", FailureKind::kUseAfterFree},
};

const Wrong kStandard[] = {
    {"Wrong.JthreadIsNotAwaited", FailureKind::kDataRace},
    {"Wrong.StopCallbackDoesNotLock", FailureKind::kDataRace},
    {"Wrong.TaskIsNotAwaited", FailureKind::kDataRace},
    {"Wrong.SharedFuturesObjectIsChanged", FailureKind::kDataRace},
    {"Wrong.FutureIsNotReadyInTime", FailureKind::kWrongResult},
    {"Wrong.RecursiveIsLeftLocked", FailureKind::kDeadlock},
    {"Wrong.TimedRecursiveIsTakenToGetIt", FailureKind::kDataRace},
    {"Wrong.TimedIsTakenToGetIt", FailureKind::kDataRace},
    {"Wrong.OfTwoTimedAcquiresOneIsTakenToSucceed", FailureKind::kWrongResult},
    {"Wrong.TimedSharedIsTakenToGetIt", FailureKind::kDataRace},
    {"Wrong.UniqueLockIsReleasedTooSoon", FailureKind::kDataRace},
    {"Wrong.AnyIsToldWithoutTheLock", FailureKind::kDataRace},
    {"Wrong.ConditionIsGoneBeforeItIsTold", FailureKind::kUseAfterFree},
    {"Wrong.TimedAcquireIsTakenToSucceed", FailureKind::kDataRace},
    {"Wrong.LatchIsCountedDownTooSoon", FailureKind::kDataRace},
    {"Wrong.BarrierIsNotAwaited", FailureKind::kDataRace},
    {"Wrong.TwoFlagsForOneValue", FailureKind::kDataRace},
    {"Wrong.StaticIsChangedByAll", FailureKind::kDataRace},
    {"Wrong.ThreadLocalsDestructorDoesNotLock", FailureKind::kDataRace},
    {"Wrong.ExceptionKeepsTheLock", FailureKind::kDeadlock},
    {"Wrong.SleepIsTakenForOrder", FailureKind::kDataRace},
    {"Wrong.SleepIsTakenForLongEnough", FailureKind::kWrongResult},
    {"Wrong.ClockIsTakenToStandStill", FailureKind::kWrongResult},
};

const Wrong kStandardObjects[] = {
    {"Wrong.OneByteIsReadAndThenChanged", FailureKind::kWrongResult},
    {"Wrong.TwoBytesIsReadAndThenChanged", FailureKind::kWrongResult},
    {"Wrong.FourBytesIsReadAndThenChanged", FailureKind::kWrongResult},
    {"Wrong.EightBytesIsReadAndThenChanged", FailureKind::kWrongResult},
    {"Wrong.FenceOnOneSide", FailureKind::kDataRace},
    {"Wrong.WeakPointersObjectIsKeptByNobody", FailureKind::kDataRace},
    {"Wrong.AtomicSharedPointersObjectIsChanged", FailureKind::kDataRace},
    {"Wrong.VectorGrowsWithoutALock", FailureKind::kDataRace},
    {"Wrong.DequeGrowsWithoutALock", FailureKind::kDataRace},
    {"Wrong.DequeIsEmptiedWhileItsSizeIsRead", FailureKind::kDataRace},
    {"Wrong.MapIsSearchedWhileItGrows", FailureKind::kDataRace},
    {"Wrong.MapIsWalkedWhileItShrinks", FailureKind::kDataRace},
    {"Wrong.ListIsWalkedWhileItGrows", FailureKind::kDataRace},
    {"Wrong.ListIsWalkedWhileItIsTurnedRound", FailureKind::kDataRace},
    {"Wrong.MapGrowsWithoutALock", FailureKind::kDataRace},
    {"Wrong.StringGrowsWithoutALock", FailureKind::kDataRace},
    {"Wrong.ShortStringGrowsWithoutALock", FailureKind::kDataRace},
    {"Wrong.VectorGrowsWhileItsSizeIsRead", FailureKind::kDataRace},
    {"Wrong.StringGrowsWhileItIsRead", FailureKind::kDataRace},
};

const Wrong kLibrary[] = {
    {"Wrong.ReferenceOutlivesTheLastPointer", FailureKind::kDataRace},
    {"Wrong.ExceptionIsChangedByBoth", FailureKind::kDataRace},
    {"Wrong.PointerIsHandedOverWithoutALock", FailureKind::kDataRace},
    {"Wrong.CountIsTakenForOrder", FailureKind::kDataRace},
    {"Wrong.NotifiesAtTheEndOfNothing", FailureKind::kDeadlock},
    {"Wrong.ValueIsReadyBeforeTheEnd", FailureKind::kDataRace},
    {"Wrong.PointerIsStoredByTheFunctionOnly", FailureKind::kDataRace},
    {"Wrong.NumbersAreWrittenWithoutALock", FailureKind::kDataRace},
    {"Wrong.LogIsReadWhileItIsWritten", FailureKind::kDataRace},
    {"Wrong.NumbersAreReadWithoutALock", FailureKind::kDataRace},
    {"Wrong.LogIsWrittenAfterItsEnd", FailureKind::kUseAfterFree},
    {"Wrong.JoinableIsAskedBesideTheJoin", FailureKind::kDataRace},
    {"Wrong.IdIsReadWhileItsThreadIsDetached", FailureKind::kDataRace},
};

const Wrong kStrings[] = {
    {"Wrong.MemcpyInto", FailureKind::kDataRace},
    {"Wrong.MemcpyFrom", FailureKind::kDataRace},
    {"Wrong.StructIsCopied", FailureKind::kDataRace},
    {"Wrong.Memset", FailureKind::kDataRace},
    {"Wrong.Memmove", FailureKind::kDataRace},
    {"Wrong.Memcmp", FailureKind::kDataRace},
    {"Wrong.Memchr", FailureKind::kDataRace},
    {"Wrong.Strlen", FailureKind::kDataRace},
    {"Wrong.Strcpy", FailureKind::kDataRace},
    {"Wrong.Strncpy", FailureKind::kDataRace},
    {"Wrong.Strcat", FailureKind::kDataRace},
    {"Wrong.Strcmp", FailureKind::kDataRace},
    {"Wrong.Strchr", FailureKind::kDataRace},
    {"Wrong.Snprintf", FailureKind::kDataRace},
    {"Wrong.Qsort", FailureKind::kDataRace},
    {"Wrong.Frexp", FailureKind::kDataRace},
    {"Wrong.RandR", FailureKind::kDataRace},
    {"Wrong.GmtimeR", FailureKind::kDataRace},
    {"Wrong.Strftime", FailureKind::kDataRace},
    {"Wrong.StrtokR", FailureKind::kDataRace},
    {"Wrong.Wmemcpy", FailureKind::kDataRace},
    {"Wrong.ClockGettime", FailureKind::kDataRace},
    {"Wrong.StringIsMade", FailureKind::kDataRace},
};

const Wrong kRules[] = {
    {"Wrong.EndsWithTheMutex", FailureKind::kDeadlock},
    {"Wrong.EndsWithOneOfTwoLevels", FailureKind::kDeadlock},
    {"Wrong.EndsWithWhatItTried", FailureKind::kDeadlock},
    {"Wrong.EndsAsAReader", FailureKind::kDeadlock},
    {"Wrong.UniqueLockIsReleasedForGood", FailureKind::kDeadlock},
    {"Wrong.OwnerTries", FailureKind::kMisuse},
    {"Wrong.OwnerTriesToShare", FailureKind::kMisuse},
    {"Wrong.OwnerTriesForAWhile", FailureKind::kMisuse},
    {"Wrong.OwnerTriesUntilThen", FailureKind::kMisuse},
    {"Wrong.ReaderTriesForAWhile", FailureKind::kMisuse},
    {"Wrong.KeepsWhatItHasAgainAfterAWait", FailureKind::kDeadlock},
    {"Wrong.ReaderUnlocksAsAWriter", FailureKind::kMisuse},
    {"Wrong.WriterUnlocksAsAReader", FailureKind::kMisuse},
    {"Wrong.PermitIsGivenTwice", FailureKind::kMisuse},
    {"Wrong.ThreeOfTwoPermits", FailureKind::kMisuse},
    {"Wrong.LatchIsCountedDownTwice", FailureKind::kMisuse},
    {"Wrong.LatchIsCountedDownByTooMuch", FailureKind::kMisuse},
    {"Wrong.ThreeArriveAtABarrierOfTwo", FailureKind::kMisuse},
    {"Wrong.OneArrivesThriceAtOnce", FailureKind::kMisuse},
    {"Wrong.ThreeOfTwoLeave", FailureKind::kMisuse},
};

const Wrong kAba[] = {
    {"Wrong.StackComparesAddresses", FailureKind::kUseAfterFree},
};

// All tests of a module: Right.* pass, Wrong.* fail with what is listed,
// Unsupported.<Call> is inconclusive and names the call, Skipped.* say so.
void Judge(const runtimes::RunnerAnswer& answer, std::span<const Wrong> wrong) {
  size_t seen = 0;
  for (const verdict::TestResult& result : answer.results) {
    const std::string what = result.test + ": " + runtimes::Describe(result);
    if (result.test.starts_with("Right.")) {
      EXPECT_EQ(result.outcome, Outcome::kPass) << what;
    } else if (result.test.starts_with("Skipped.")) {
      EXPECT_EQ(result.outcome, Outcome::kInconclusive) << what;
      EXPECT_EQ(result.reason, "the test skips itself") << what;
    } else if (result.test.starts_with("Unsupported.")) {
      EXPECT_EQ(result.outcome, Outcome::kInconclusive) << what;
      std::string call = result.test.substr(12) + "()";
      call[0] = static_cast<char>(std::tolower(call[0]));
      EXPECT_NE(result.reason.find(call), std::string::npos) << what;
    } else {
      const auto expected = std::find_if(
          wrong.begin(), wrong.end(),
          [&](const Wrong& one) { return one.test == result.test; });
      if (expected == wrong.end()) {
        ADD_FAILURE() << "not listed: " << what;
        continue;
      }
      ++seen;
      EXPECT_EQ(result.outcome, Outcome::kFail) << what;
      if (result.outcome != Outcome::kFail) continue;
      EXPECT_EQ(result.finding->kind, expected->kind) << what;
    }
  }
  EXPECT_EQ(seen, wrong.size());
}

TEST_P(RunnerBreadth, CatchesWhatIsWrongAndNothingElse) {
  Judge(AskAll("model_breadth"), kBreadth);
}
TEST_P(RunnerBreadth, KnowsAtomics) {
  const runtimes::RunnerAnswer answer = AskAll("model_atomics");
  Judge(answer, kAtomics);
  // A weak exchange that could have succeeded is told from one that could not.
  const verdict::TestResult weak =
      answer.ResultOf("Wrong.OneWeakExchangeByReference");
  ASSERT_TRUE(weak.finding && weak.finding->trace);
  EXPECT_TRUE(std::ranges::any_of(weak.finding->trace->steps,
                                  [](const verdict::Step& step) {
                                    return step.operation ==
                                           "compares, fails for no reason";
                                  }))
      << runtimes::Describe(weak);
}
TEST_P(RunnerBreadth, NeedsNoInstructionForThreadPointers) {
  const std::string options = R"({"seconds":1,"wrfsbase":false})";
  Judge(AskAll("model_breadth", options), kBreadth);
  Judge(AskAll("model_standard", options), kStandard);
}
TEST_P(RunnerBreadth, KnowsPthreads) {
  Judge(AskAll("model_pthreads"), kPthreads);
  Judge(AskAll("model_pthreads_locks"), kPthreadsLocks);
}
TEST_P(RunnerBreadth, KnowsWhatIsGone) {
  Judge(AskAll("model_scopes"), kScopes);
}
TEST_P(RunnerBreadth, GivesAddressesOutAgain) {
  const runtimes::RunnerAnswer answer = AskAll("model_aba");
  Judge(answer, kAba);
  // … and only where somebody may compare with them.
  EXPECT_EQ(answer.ResultOf("Right.FreedNodes").evidence.executions,
            answer.ResultOf("Right.FreshNodes").evidence.executions);
  // It is a decision like any other: found again from the text.
  for (size_t i = 0; i < answer.results.size(); ++i) {
    if (answer.results[i].outcome != Outcome::kFail) continue;
    EXPECT_NE(answer.replays[i].find('A'), std::string::npos);
    runtimes::RunnerAsk ask;
    ask.runner = std::string(RACELAB_BIN) + "/runner.model";
    ask.module = Module("model_aba");
    ask.tests = {answer.results[i].test};
    ask.options = R"({"replay":")" + answer.replays[i] + "\"}";
    const verdict::TestResult again =
        runtimes::AskRunner(ask).ResultOf(answer.results[i].test);
    ASSERT_EQ(again.outcome, Outcome::kFail) << runtimes::Describe(again);
    EXPECT_EQ(again.finding->trace, answer.results[i].finding->trace);
  }
}
TEST_P(RunnerBreadth, KnowsTheStandardLibrary) {
  Judge(AskAll("model_standard"), kStandard);
  Judge(AskAll("model_standard_objects"), kStandardObjects);
}

TEST_P(RunnerBreadth, KnowsWhatTheStandardForbids) {
  Judge(AskAll("model_rules"), kRules);
}
TEST_P(RunnerBreadth, KnowsTheFunctionsOnStrings) {
  Judge(AskAll("model_strings"), kStrings);
}

// The programs that runner.tsan is held against, too.
TEST_P(RunnerBreadth, KnowsWhatTheLibraryDoesUnseen) {
  Judge(AskAll("model_library"), kLibrary);
}
TEST_P(RunnerBreadth, KnowsAbseilsSynchronization) {
  const runtimes::RunnerAnswer answer = AskAll("model_abseil");
  EXPECT_GE(answer.results.size(), 22u);
  for (const verdict::TestResult& result : answer.results) {
    EXPECT_EQ(result.outcome, result.test.starts_with("Right.")
                                  ? Outcome::kPass
                                  : Outcome::kFail)
        << result.test << ": " << runtimes::Describe(result);
  }
  // By the program's own names, not by what lies behind them.
  const verdict::TestResult waits =
      answer.ResultOf("Wrong.CondVarIsNeverSignalled");
  ASSERT_TRUE(waits.finding && waits.finding->trace);
  std::set<std::string> objects;
  for (const verdict::Step& step : waits.finding->trace->steps) {
    objects.insert(step.object);
  }
  EXPECT_TRUE(objects.contains("mutex")) << runtimes::Describe(waits);
  EXPECT_TRUE(objects.contains("changed")) << runtimes::Describe(waits);
  EXPECT_EQ(waits.finding->message.find('#'), std::string::npos)
      << runtimes::Describe(waits);
}

INSTANTIATE_TEST_SUITE_P(Compilers, RunnerBreadth,
                         testing::Values("clang", "gcc"),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace racelab::model
