// What holds for several strategies, or for the small parts that they share.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "runtimes/model/search/bounded.h"
#include "runtimes/model/search/budget.h"
#include "runtimes/model/search/decision_stream.h"
#include "runtimes/model/search/fairness.h"
#include "runtimes/model/search/full.h"
#include "runtimes/model/search/options.h"
#include "runtimes/model/search/pct.h"
#include "runtimes/model/search/pos.h"
#include "runtimes/model/search/probe.h"
#include "runtimes/model/search/random.h"
#include "runtimes/model/search/replay.h"
#include "runtimes/model/search/toy_world.h"

namespace racelab::model {
namespace {

using ::testing::HasSubstr;

using Factory = std::function<std::unique_ptr<RecordingStrategy>(
    const ToyWorld& world, Shard shard)>;

std::vector<Factory> Everything() {
  return {
      [](const ToyWorld& world, Shard shard) {
        return std::make_unique<FullSearch>(&world.memory_model(), shard);
      },
      [](const ToyWorld&, Shard shard) {
        return std::make_unique<BoundedSearch>(2, shard);
      },
      [](const ToyWorld&, Shard shard) {
        return std::make_unique<RandomWalk>(1, shard);
      },
      [](const ToyWorld&, Shard shard) {
        return std::make_unique<Probe>(1, shard);
      },
      [](const ToyWorld&, Shard shard) {
        return std::make_unique<Pct>(3, 1, shard);
      },
      [](const ToyWorld& world, Shard shard) {
        return std::make_unique<Pos>(&world.memory_model(), 1, shard);
      },
  };
}

TEST(Strategies, ReachEveryOutcomeOfSmallPrograms) {
  const ToyProgram program{
      .threads = {{Store(0, 1), Load(1, 0)}, {Store(1, 1), Load(0, 0)}},
      .weak = true};
  for (const Factory& make : Everything()) {
    ToyWorld world(program);
    const auto strategy = make(world, {});
    SCOPED_TRACE(strategy->Name());
    for (int i = 0; i < 1000 && strategy->more(); ++i) {
      world.Run(*strategy, nullptr);
    }
    EXPECT_EQ(world.outcomes.size(), 4u);
  }
}

TEST(Strategies, GiveStreamsThatReplayExactly) {
  for (uint64_t number = 0; number < 40; ++number) {
    const ToyProgram program = RandomToyProgram(number, 5);
    for (const Factory& make : Everything()) {
      ToyWorld world(program);
      const auto strategy = make(world, {});
      SCOPED_TRACE(strategy->Name());
      for (int i = 0; i < 50 && strategy->more(); ++i) {
        const ExecutionResult first = world.Run(*strategy, nullptr);
        if (first.end == ExecutionEnd::kPruned) continue;
        const auto stream = ParseDecisions(FormatDecisions(strategy->stream()));
        ASSERT_TRUE(stream.ok());
        ReplayStrategy replay(*stream);
        const ExecutionResult second = world.Run(replay, nullptr);
        ASSERT_EQ(replay.problem(), "");
        ASSERT_EQ(second.end, first.end);
        ASSERT_EQ(second.fingerprint, first.fingerprint);
        ASSERT_EQ(replay.stream(), strategy->stream());
      }
    }
  }
}

TEST(Strategies, EndSpinAndYieldLoopsWithinTheStepLimit) {
  // The first thread polls under a lock, with a yield: a switch is needed for
  // it ever to end.
  std::vector<ToyOp> poll;
  for (int i = 0; i < 40; ++i) {
    poll.insert(poll.end(), {Lock(0), Load(0, 0), Unlock(0), Yield()});
  }
  const ToyProgram program{
      .threads = {
          poll, {Yield(), Lock(0), Store(0, 1), Unlock(0)}, {SpinUntil(0, 1)}}};
  for (const Factory& make : Everything()) {
    ToyWorld world(program, {.max_steps = 400});
    const auto strategy = make(world, {});
    SCOPED_TRACE(strategy->Name());
    for (int i = 0; i < 200 && strategy->more(); ++i) {
      const ExecutionResult result = world.Run(*strategy, nullptr);
      ASSERT_NE(result.end, ExecutionEnd::kTruncated);
      ASSERT_NE(result.end, ExecutionEnd::kFailed);
    }
  }
}

TEST(Strategies, ShardsOfASampleAreTheSample) {
  const ToyProgram program = RandomToyProgram(2, 5);
  const std::vector<Factory> all = Everything();
  for (size_t k = 2; k < all.size(); ++k) {
    ToyWorld world(program);
    std::multiset<std::string> whole;
    const auto alone = all[k](world, {});
    // PCT's k grows with what it has seen itself.
    if (alone->Name().starts_with("pct")) continue;
    for (int i = 0; i < 90; ++i) {
      world.Run(*alone, nullptr);
      whole.insert(FormatDecisions(alone->stream()));
    }
    std::multiset<std::string> parts;
    for (int shard = 0; shard < 3; ++shard) {
      const auto part = all[k](world, {shard, 3});
      for (int i = 0; i < 30; ++i) {
        world.Run(*part, nullptr);
        parts.insert(FormatDecisions(part->stream()));
      }
    }
    EXPECT_EQ(parts, whole) << alone->Name();
  }
}

TEST(BoundedSearch, CountsExecutionsByPreemptions) {
  const ToyProgram program{.threads = {{Add(0, 1), Add(0, 1), Add(0, 1)},
                                       {Add(0, 1), Add(0, 1), Add(0, 1)}}};
  // The words of three As and three Bs with 2, 3, 4, 5, 6 runs are 2, 4, 8, 4
  // and 2; the last switch is never a preemption.
  const uint64_t kExpected[] = {2, 6, 14, 18, 20};
  for (int bound = 0; bound < 5; ++bound) {
    ToyWorld world(program);
    BoundedSearch search(bound);
    uint64_t complete = 0;
    do {
      complete += world.Run(search, nullptr).end == ExecutionEnd::kComplete;
      EXPECT_LE(search.preemptions(), bound);
    } while (search.more());
    EXPECT_EQ(complete, kExpected[bound]) << bound;
    EXPECT_TRUE(search.finished());
    EXPECT_EQ(search.Exhausted(), bound == 4);
  }
}

TEST(BoundedSearch, SwitchesForFreeWhenAThreadBlocksOrYields) {
  const ToyProgram yields{
      .threads = {{Load(0, 0), Yield(), Load(0, 1)}, {Store(0, 1)}}};
  ToyWorld world(yields);
  BoundedSearch search(0);
  do {
    world.Run(search, nullptr);
  } while (search.more());
  EXPECT_EQ(world.outcomes.size(), 3u);
}

TEST(BoundedSearch, ShardsCoverTheTreeWithoutOverlap) {
  const ToyProgram program{.threads = std::vector<std::vector<ToyOp>>(
                               3, std::vector<ToyOp>(5, Add(0, 1)))};
  const auto count = [&](Shard shard) {
    ToyWorld world(program);
    BoundedSearch search(2, shard);
    uint64_t complete = 0;
    do {
      const ExecutionEnd end = world.Run(search, nullptr).end;
      complete += search.owned() && end == ExecutionEnd::kComplete;
    } while (search.more());
    return complete;
  };
  const uint64_t parts = count({0, 2}) + count({1, 2});
  EXPECT_EQ(parts, count({}));
  EXPECT_GT(count({0, 2}), 0u);
  EXPECT_GT(count({1, 2}), 0u);
}

// Fails if one store falls between the two loads and the other one does not:
// three orders of two steps each.
ToyProgram DepthThree(bool broken) {
  std::vector<ToyOp> two;
  for (int i = 0; i < 10; ++i) two.push_back(Add(2, 1));
  two.push_back(Store(0, 1));
  for (int i = 0; i < 10; ++i) two.push_back(Add(2, 1));
  two.push_back(Store(0, 2));
  return {.threads = {{Load(0, 0), Load(0, 1)}, two},
          .ok = [broken](const ToyOutcome& outcome) {
            return !(broken && outcome[0] == 0 && outcome[1] == 1);
          }};
}

TEST(Pct, FindsABugOfItsDepthAtLeastAsOftenAsItsBoundSays) {
  ToyWorld world(DepthThree(true));
  Pct pct(3, 1);
  int found = 0;
  constexpr int kRuns = 20000;
  for (int i = 0; i < kRuns; ++i) {
    found += world.Run(pct, nullptr).end == ExecutionEnd::kFailed;
  }
  // n = 2 threads, k at most 25 steps: 1 / (2 * 25^2) of them.
  EXPECT_GE(found, kRuns / (2 * 25 * 25));
}

TEST(Pct, ClaimsNoMoreThanItsBound) {
  ToyWorld world(DepthThree(false));
  Pct pct(3, 1);
  EXPECT_EQ(pct.MissProbability(), 1);
  for (int i = 0; i < 5000; ++i) world.Run(pct, nullptr);
  // Two threads; from 10 to 25 of the 24 steps had a choice.
  EXPECT_GT(pct.MissProbability(), std::pow(1 - 1 / (2 * 10.0 * 10.0), 5000));
  EXPECT_LT(pct.MissProbability(), std::pow(1 - 1 / (2 * 25.0 * 25.0), 4000));
  EXPECT_THAT(pct.Detail(),
              HasSubstr("a bug of depth 3 missed with probability at most 0."));
}

SchedulePoint Point(ThreadId current, uint32_t enabled, bool yielded,
                    bool in_vain = true) {
  SchedulePoint point;
  point.current = current;
  point.enabled = enabled;
  point.current_enabled = (enabled >> current & 1) != 0;
  point.yielded = yielded;
  point.in_vain = yielded && in_vain;
  return point;
}

TEST(Fairness, LetsOthersRunOnceAThreadHasYieldedInVain) {
  Fairness fairness;
  fairness.Begin();
  for (int i = 0; i < Fairness::kFreeYields; ++i) {
    EXPECT_EQ(fairness.Candidates(Point(0, 0b111, true)), 0b111u);
    fairness.Chosen(0);
  }
  // Both others have waited ever since.
  EXPECT_EQ(fairness.Candidates(Point(0, 0b111, true)), 0b110u);
  fairness.Chosen(1);
  EXPECT_EQ(fairness.Candidates(Point(1, 0b111, false)), 0b110u);
  // Thread 2 blocks: nobody is left to be waited for.
  EXPECT_EQ(fairness.Candidates(Point(1, 0b011, false)), 0b011u);
  // The next execution starts afresh.
  fairness.Begin();
  EXPECT_EQ(fairness.Candidates(Point(0, 0b111, true)), 0b111u);
}

TEST(Fairness, BelievesForLongerThatAThreadGetsSomewhere) {
  Fairness fairness;
  fairness.Begin();
  for (int i = 0; i < Fairness::kHopefulYields; ++i) {
    EXPECT_EQ(fairness.Candidates(Point(0, 0b11, true, false)), 0b11u);
    fairness.Chosen(0);
  }
  EXPECT_EQ(fairness.limits(), 0u);
  EXPECT_EQ(fairness.Candidates(Point(0, 0b11, true, false)), 0b10u);
  EXPECT_EQ(fairness.limits(), SetOf(Limit::kFairness));
}

TEST(Fairness, EndsTheTurnOfAThreadThatRunsForever) {
  Fairness fairness;
  fairness.Begin();
  int steps = 0;
  while (fairness.Candidates(Point(0, 0b11, false)) == 0b11u) {
    fairness.Chosen(0);
    ASSERT_LT(++steps, 2 * Fairness::kSlice);
  }
  EXPECT_GE(steps, Fairness::kSlice);
  // Alone, a thread may run as long as it likes.
  fairness.Begin();
  for (int i = 0; i < 2 * Fairness::kSlice; ++i) {
    ASSERT_EQ(fairness.Candidates(Point(0, 0b01, false)), 0b01u);
    fairness.Chosen(0);
  }
  EXPECT_EQ(fairness.Candidates(Point(0, 0b11, false)), 0b11u);
}

class StepClock : public SearchClock {
 public:
  explicit StepClock(double cpu) : cpu_(cpu) {}
  double CpuSeconds() override { return cpu_ * now; }
  double WallSeconds() override { return now; }
  double now = 0;

 private:
  const double cpu_;
};

TEST(Budget, EndsAfterItsExecutions) {
  StepClock clock(1);
  Budget budget(10, 1, &clock);
  int executions = 1;
  while (budget.Spend()) ++executions;
  EXPECT_EQ(executions, 10);
  EXPECT_TRUE(budget.spent());
}

TEST(Budget, EndsSoonAfterItsSecondsHoweverLongAnExecutionTakes) {
  for (const double each : {1e-6, 1e-4, 0.1}) {
    StepClock clock(1);
    Budget budget(uint64_t{1} << 40, 1, &clock);
    do {
      clock.now += each;
    } while (budget.Spend());
    EXPECT_GE(clock.now, 1);
    EXPECT_LE(clock.now, 1.01 + each);
  }
}

TEST(Budget, CountsProcessorTimeButNotForEver) {
  StepClock clock(0.5);
  Budget budget(uint64_t{1} << 40, 1, &clock);
  do {
    clock.now += 0.001;
  } while (budget.Spend());
  EXPECT_NEAR(clock.now, 2, 0.01);
  StepClock starved(0);
  Budget patient(uint64_t{1} << 40, 1, &starved);
  do {
    starved.now += 0.001;
  } while (patient.Spend());
  EXPECT_NEAR(starved.now, Budget::kPatience, 0.01);
}

TEST(SearchOptions, AreFineByDefault) {
  EXPECT_TRUE(Validate(SearchOptions{}).ok());
}

TEST(SearchOptions, RefuseWhatMakesNoSenseAndNameIt) {
  const std::pair<const char*, std::function<void(SearchOptions&)>> kCases[] = {
      {"strategy", [](SearchOptions& o) { o.strategy = "magic"; }},
      {"bound", [](SearchOptions& o) { o.bound = -1; }},
      {"depth", [](SearchOptions& o) { o.depth = 0; }},
      {"executions", [](SearchOptions& o) { o.executions = 0; }},
      {"executions", [](SearchOptions& o) { o.executions = ~uint64_t{0}; }},
      {"seconds", [](SearchOptions& o) { o.seconds = 0; }},
      {"seconds", [](SearchOptions& o) { o.seconds = std::nan(""); }},
      {"max_steps", [](SearchOptions& o) { o.max_steps = 0; }},
      {"shard", [](SearchOptions& o) { o.shard = {2, 2}; }},
      {"shard", [](SearchOptions& o) { o.shard = {0, 0}; }},
      {"shard", [](SearchOptions& o) { o.shard = {-1, 2}; }},
  };
  for (const auto& [name, spoil] : kCases) {
    SearchOptions options;
    spoil(options);
    const absl::Status status = Validate(options);
    ASSERT_FALSE(status.ok()) << name;
    EXPECT_THAT(std::string(status.message()),
                HasSubstr(std::string("option \"") + name));
  }
}

}  // namespace
}  // namespace racelab::model
