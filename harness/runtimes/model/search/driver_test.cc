#include "runtimes/model/search/driver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "runtimes/model/search/toy_world.h"

namespace racelab::model {
namespace {

using ::testing::HasSubstr;
using verdict::Evidence;
using verdict::FailureKind;
using verdict::Judgement;
using verdict::Outcome;

WorldFactory Make(const ToyProgram& program) {
  return [program](const WorldOptions& options) {
    auto world = std::make_unique<ToyWorld>(program, options);
    world->count_outcomes = false;
    return world;
  };
}

Judgement Check(const ToyProgram& program, const SearchOptions& options = {},
                const DriverHooks& hooks = {}) {
  return CheckTest("Suite.Test", Make(program), options, hooks);
}

// Two threads that each add 1 to a variable by a load and a store.
ToyProgram LostUpdate(bool locked) {
  std::vector<ToyOp> thread = {Load(0, 0), StoreReg(0, 0, 1)};
  if (locked) thread = {Lock(0), Load(0, 0), StoreReg(0, 0, 1), Unlock(0)};
  return {.threads = {thread, thread}, .ok = [](const ToyOutcome& outcome) {
            return outcome[2 * kToyRegisters] == 2;
          }};
}

constexpr const char* kStrategies[] = {"portfolio", "full", "bounded", "random",
                                       "pct",       "pos",  "probe"};

TEST(Driver, FindsALostUpdateWithEveryStrategyAndNeverAccusesItsTwin) {
  for (const char* strategy : kStrategies) {
    SCOPED_TRACE(strategy);
    SearchOptions options;
    options.strategy = strategy;
    options.executions = 2000;
    const Judgement broken = Check(LostUpdate(false), options);
    ASSERT_EQ(broken.result.outcome, Outcome::kFail);
    EXPECT_EQ(broken.result.finding->kind, FailureKind::kWrongResult);
    EXPECT_FALSE(broken.replay.empty());
    // One in two executions fails: the first few find it.
    EXPECT_EQ(broken.result.evidence.detail.find("come before the search") !=
                  std::string::npos,
              options.strategy == "portfolio");
    const Judgement repaired = Check(LostUpdate(true), options);
    EXPECT_EQ(repaired.result.outcome, Outcome::kPass)
        << repaired.result.reason;
    EXPECT_TRUE(repaired.replay.empty());
  }
}

TEST(Driver, SaysExhaustedOnlyWhenItWas) {
  SearchOptions options;
  Judgement all = Check(LostUpdate(true), options);
  EXPECT_EQ(all.result.evidence.strength, Evidence::Strength::kExhausted);
  EXPECT_EQ(all.result.evidence.executions, 2u);
  EXPECT_EQ(all.result.evidence.strategy, "full");

  const ToyProgram large{.threads = std::vector<std::vector<ToyOp>>(
                             4, std::vector<ToyOp>(8, Add(0, 1)))};
  options.executions = 3000;
  const Judgement part = Check(large, options);
  EXPECT_EQ(part.result.outcome, Outcome::kPass);
  EXPECT_EQ(part.result.evidence.strength, Evidence::Strength::kSampled);
  EXPECT_LE(part.result.evidence.executions, 3000u);
  EXPECT_THAT(part.result.evidence.detail, HasSubstr("bounded 0 exhausted"));
  EXPECT_THAT(part.result.evidence.detail,
              HasSubstr("a bug of depth 3 missed with probability at most"));
  options.strategy = "full";
  const Judgement full = Check(large, options);
  EXPECT_EQ(full.result.evidence.strength, Evidence::Strength::kSampled);
  EXPECT_EQ(full.result.evidence.executions, 3000u);
}

TEST(Driver, ReplaysAFailureExactly) {
  const Judgement found = Check(LostUpdate(false));
  SearchOptions options;
  options.replay = found.replay;
  std::vector<EventLog> logs;
  DriverHooks hooks;
  hooks.build_finding = [&](const Failure& failure, const EventLog& log,
                            const Witness& witness) {
    logs.push_back(log);
    verdict::Finding finding;
    finding.kind = failure.kind;
    EXPECT_EQ(witness.replay, found.replay);
    return finding;
  };
  for (int i = 0; i < 100; ++i) {
    const Judgement again = Check(LostUpdate(false), options, hooks);
    ASSERT_EQ(again.result.outcome, Outcome::kFail);
    ASSERT_EQ(again.replay, found.replay);
    ASSERT_EQ(logs.back().events.size(), logs.front().events.size());
    for (size_t k = 0; k < logs.back().events.size(); ++k) {
      ASSERT_EQ(logs.back().events[k].stack, logs.front().events[k].stack);
    }
  }
}

TEST(Driver, SaysWhyAReplayDoesNotFit) {
  SearchOptions options;
  options.replay = Check(LostUpdate(false)).replay;
  const Judgement other = Check(LostUpdate(true), options);
  EXPECT_EQ(other.result.outcome, Outcome::kInconclusive);
  EXPECT_THAT(other.result.reason, HasSubstr("does not fit this program"));
  for (const char* hostile : {"nonsense", "d1;T2:0*99999999999.", "d1;T9:8",
                              "d1;R200:(199)", "d1;T2:0", "d1;T2:v*1000000."}) {
    options.replay = hostile;
    const Judgement result = Check(LostUpdate(false), options);
    EXPECT_NE(result.result.outcome, Outcome::kFail) << hostile;
    EXPECT_NE(result.result.outcome, Outcome::kPass) << hostile;
    EXPECT_FALSE(result.result.reason.empty());
  }
}

TEST(Driver, NamesTheLineOfAScenarioThatIsNotDeterministic) {
  const ToyProgram program{
      .threads = {{Load(0, 0), Unstable(1), StoreReg(0, 1, 0)}, {Load(0, 0)}}};
  DriverHooks hooks;
  hooks.locate = [](uintptr_t pc) {
    verdict::SourceLocation place;
    place.file = "scenario.cc";
    place.line = static_cast<int>(pc);
    return place;
  };
  const Judgement result = Check(program, {}, hooks);
  EXPECT_EQ(result.result.outcome, Outcome::kInconclusive);
  EXPECT_THAT(result.result.reason, HasSubstr("scenario.cc:1"));
  EXPECT_FALSE(result.result.mend.empty());
}

TEST(Driver, TellsUnreachableFromNotReached) {
  const verdict::Label kBothInside = {
      .name = "both_inside",
      .where = {.file = "scenario.cc", .line = 7, .column = 0, .function = {}}};
  // The label is behind a value that only a lost update gives.
  const auto program = [&](bool locked) {
    std::vector<ToyOp> one = {Load(0, 0), StoreReg(0, 0, 1)};
    std::vector<ToyOp> two = {Load(0, 1), SkipUnless(1, 0, 1),
                              Reached("both_inside")};
    if (locked) {
      one = {Lock(0), Store(0, 1), Store(0, 0), Unlock(0)};
      two = {Lock(0), Load(0, 1), SkipUnless(1, 1, 1), Reached("both_inside"),
             Unlock(0)};
    }
    return ToyProgram{.threads = {one, two}, .expected = {kBothInside}};
  };
  EXPECT_EQ(Check(program(false)).result.outcome, Outcome::kPass);
  const Judgement never = Check(program(true));
  ASSERT_EQ(never.result.outcome, Outcome::kFail);
  EXPECT_EQ(never.result.finding->kind, FailureKind::kUnreachable);
  EXPECT_EQ(never.unreached, std::vector<verdict::Label>{kBothInside});
  EXPECT_EQ(never.result.finding->where, kBothInside.where);
  SearchOptions sampled;
  sampled.strategy = "random";
  sampled.executions = 50;
  EXPECT_EQ(Check(program(true), sampled).result.outcome,
            Outcome::kInconclusive);
}

TEST(Driver, IsInconclusiveWhenExecutionsHitTheStepLimit) {
  SearchOptions options;
  options.max_steps = 3;
  options.executions = 100;
  const Judgement result = Check(LostUpdate(true), options);
  EXPECT_EQ(result.result.outcome, Outcome::kInconclusive);
  EXPECT_THAT(result.result.reason, HasSubstr("3 steps"));
}

class FakeClock : public SearchClock {
 public:
  double CpuSeconds() override { return now_ += 0.001; }
  double WallSeconds() override { return now_ += 0.001; }

 private:
  double now_ = 0;
};

TEST(Driver, StopsWhenItsSecondsAreSpentAndReportsProgress) {
  const ToyProgram large{.threads = std::vector<std::vector<ToyOp>>(
                             4, std::vector<ToyOp>(8, Add(0, 1)))};
  FakeClock clock;
  SearchOptions options;
  options.executions = uint64_t{1} << 40;
  options.seconds = 4;
  int progress = 0;
  DriverHooks hooks;
  hooks.clock = &clock;
  hooks.progress = [&](uint64_t executions) {
    ++progress;
    EXPECT_GT(executions, 0u);
  };
  const Judgement result = Check(large, options, hooks);
  EXPECT_EQ(result.result.outcome, Outcome::kPass);
  EXPECT_EQ(result.result.evidence.strength, Evidence::Strength::kSampled);
  EXPECT_LT(clock.WallSeconds(), 20);
  EXPECT_GE(progress, 1);
}

}  // namespace
}  // namespace racelab::model
