#include "runtimes/model/search/full.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "runtimes/model/search/probe.h"
#include "runtimes/model/search/toy_world.h"

namespace racelab::model {
namespace {

struct Counts {
  uint64_t complete = 0;
  uint64_t failed = 0;
  uint64_t pruned = 0;
  bool exhausted = false;
  std::set<ToyOutcome> outcomes;
  std::set<std::string> failures;
};

Counts Explore(const ToyProgram& program, bool reduce, Shard shard = {}) {
  ToyWorld world(program);
  FullSearch search(reduce ? &world.memory_model() : nullptr, shard);
  Counts counts;
  do {
    const ExecutionResult result = world.Run(search, nullptr);
    if (result.end == ExecutionEnd::kFailed) {
      counts.failures.insert(result.failure.message);
    }
    if (!search.owned()) continue;
    counts.complete += result.end == ExecutionEnd::kComplete;
    counts.failed += result.end == ExecutionEnd::kFailed;
    counts.pruned += result.end == ExecutionEnd::kPruned;
  } while (search.more());
  counts.exhausted = search.Exhausted();
  counts.outcomes = world.Outcomes();
  return counts;
}

TEST(FullSearch, RunsEveryInterleavingOnceWithoutReduction) {
  // Two threads of three steps each: 6! / (3! 3!).
  const ToyProgram program{.threads = {{Add(0, 1), Add(0, 1), Add(0, 1)},
                                       {Add(0, 1), Add(0, 1), Add(0, 1)}}};
  const Counts counts = Explore(program, false);
  EXPECT_EQ(counts.complete, 20u);
  EXPECT_EQ(counts.pruned, 0u);
  EXPECT_TRUE(counts.exhausted);
}

TEST(Probe, EstimatesHowManyExecutionsFullSearchHasWithoutReduction) {
  for (uint64_t number = 0; number < 30; ++number) {
    const ToyProgram program = RandomToyProgram(number, 4);
    const Counts counts = Explore(program, false);
    const auto all = static_cast<double>(counts.complete + counts.failed);
    ToyWorld world(program);
    Probe probe(number, {});
    for (int walk = 0; walk < 4000; ++walk) world.Run(probe, nullptr);
    SCOPED_TRACE(number);
    // Five standard errors: once in a million.
    EXPECT_NEAR(probe.Estimate(), all, 5 * probe.Error() + 1e-6);
    EXPECT_LT(probe.Error(), all / 10);
  }
}

TEST(Probe, KnowsTheCountOfATreeWhoseLeavesAreAlike) {
  // Who goes first is all there is to choose.
  const ToyProgram program{.threads = {{Load(0, 0)}, {Store(1, 1)}},
                           .weak = false};
  const Counts counts = Explore(program, false);
  ToyWorld world(program);
  Probe probe(1, {});
  for (int walk = 0; walk < 10; ++walk) world.Run(probe, nullptr);
  EXPECT_EQ(probe.Estimate(), static_cast<double>(counts.complete));
  EXPECT_EQ(probe.Error(), 0);
  EXPECT_EQ(probe.Detail(), "about 2 executions, give or take 0");
}

TEST(FullSearch, RunsOneExecutionOfThreadsThatDoNotInteract) {
  const ToyProgram program{.threads = {{Add(0, 1), Add(0, 1), Add(0, 1)},
                                       {Add(1, 1), Add(1, 1), Add(1, 1)},
                                       {Add(2, 1), Add(2, 1), Add(2, 1)}}};
  EXPECT_EQ(Explore(program, true).complete, 1u);
  EXPECT_EQ(Explore(program, false).complete, 1680u);  // 9! / 3!^3
}

TEST(FullSearch, RunsOneExecutionPerOrderOfDependentSteps) {
  // n writers of one variable and a reader: (n + 1)! orders; readers of one
  // variable alone: 1.
  const ToyProgram writers{
      .threads = {{Store(0, 1)}, {Store(0, 2)}, {Store(0, 3)}, {Load(0, 0)}}};
  EXPECT_EQ(Explore(writers, true).complete, 24u);
  const ToyProgram readers{
      .threads = {{Load(0, 0)}, {Load(0, 0)}, {Load(0, 0)}}};
  EXPECT_EQ(Explore(readers, true).complete, 1u);
  // Abdulla et al., figure 1: a writer of x and two readers of y then x: the
  // readers are each before or after the writer.
  const ToyProgram readers_and_writer{.threads = {{Store(0, 1)},
                                                  {Load(1, 0), Load(0, 1)},
                                                  {Load(1, 0), Load(0, 1)}}};
  EXPECT_EQ(Explore(readers_and_writer, true).complete, 4u);
}

TEST(FullSearch, ReadsOldStoresOnceOnlyUnderWeakMemory) {
  // A load that a store passes is woken only to read that store: the load
  // reads 0 or 1, and the order of a load of 0 and the store is not observable.
  const ToyProgram one{.threads = {{Store(0, 1)}, {Load(0, 0)}}, .weak = true};
  const Counts counts = Explore(one, true);
  EXPECT_EQ(counts.complete, 2u);
  EXPECT_EQ(counts.outcomes.size(), 2u);
  // Store buffering: all four outcomes, once each.
  const ToyProgram sb{
      .threads = {{Store(0, 1), Load(1, 0)}, {Store(1, 1), Load(0, 0)}},
      .weak = true};
  const Counts weak = Explore(sb, true);
  EXPECT_EQ(weak.complete, 4u);
  EXPECT_EQ(weak.outcomes.size(), 4u);
  EXPECT_GT(Explore(sb, false).complete, 4u);
}

TEST(FullSearch, FindsTheDeadlockOfTwoLocksAndNotItsTwin) {
  const ToyProgram broken{
      .threads = {{Lock(0), Lock(1), Unlock(1), Unlock(0)},
                  {Lock(1), Lock(0), Unlock(0), Unlock(1)}}};
  const ToyProgram repaired{
      .threads = {{Lock(0), Lock(1), Unlock(1), Unlock(0)},
                  {Lock(0), Lock(1), Unlock(1), Unlock(0)}}};
  for (const bool reduce : {false, true}) {
    EXPECT_THAT(Explore(broken, reduce).failures,
                ::testing::ElementsAre("deadlock"));
    EXPECT_TRUE(Explore(repaired, reduce).failures.empty());
  }
  EXPECT_EQ(Explore(broken, true).complete, 2u);
  EXPECT_EQ(Explore(broken, true).failed, 1u);
  EXPECT_EQ(Explore(repaired, true).complete, 2u);
}

TEST(FullSearch, EndsOnSpinLoopsAndYieldLoops) {
  const ToyProgram spin{.threads = {{SpinUntil(0, 1), SpinUntil(1, 1)},
                                    {SpinUntil(0, 1), Store(1, 1)},
                                    {Store(2, 1), Store(0, 1)}}};
  for (const bool reduce : {false, true}) {
    const Counts counts = Explore(spin, reduce);
    EXPECT_TRUE(counts.exhausted);
    EXPECT_TRUE(counts.failures.empty());
    EXPECT_EQ(counts.outcomes.size(), 1u);
  }
}

TEST(FullSearch, YieldingHidesNoInterleaving) {
  // A sleep is no synchronization: the load may still come first.
  const ToyProgram program{
      .threads = {{Yield(), Yield(), Load(0, 0)}, {Store(0, 1)}}};
  for (const bool reduce : {false, true}) {
    EXPECT_EQ(Explore(program, reduce).outcomes.size(), 2u);
  }
}

TEST(FullSearch, ReductionKeepsEveryOutcomeOfRandomPrograms) {
  uint64_t reduced_total = 0;
  uint64_t plain_total = 0;
  for (uint64_t number = 0; number < 400; ++number) {
    const ToyProgram program = RandomToyProgram(number, 4);
    const Counts plain = Explore(program, false);
    const Counts reduced = Explore(program, true);
    ASSERT_TRUE(plain.exhausted && reduced.exhausted);
    ASSERT_EQ(reduced.outcomes, plain.outcomes) << "program " << number;
    ASSERT_EQ(reduced.failures, plain.failures) << "program " << number;
    ASSERT_LE(reduced.complete, plain.complete);
    reduced_total += reduced.complete;
    plain_total += plain.complete;
  }
  EXPECT_LT(reduced_total * 5, plain_total);
}

// What of an execution does not depend on the order of independent steps: per
// object the accesses that change it, in order, and which of them each load
// reads; per thread its decisions.
std::string TraceOf(const EventLog& log) {
  std::map<uintptr_t, std::pair<std::string, std::set<std::string>>> objects;
  for (const Event& event : log.events) {
    if (event.object == 0 || event.kind == EventKind::kYield) continue;
    const std::string access = std::to_string(event.stack[0]) + "<" +
                               std::to_string(event.read.writer_pc) + "=" +
                               std::to_string(event.value.lo) + " ";
    if (event.kind == EventKind::kAtomicLoad) {
      objects[event.object].second.insert(access);
    } else if (event.kind == EventKind::kWake) {
      objects[static_cast<uintptr_t>(event.thread)].first += access;
    } else {
      objects[event.object].first += access;
    }
  }
  std::string trace;
  for (const auto& [object, accesses] : objects) {
    trace += accesses.first + "; ";
    for (const std::string& load : accesses.second) trace += load;
    trace += "| ";
  }
  return trace;
}

std::map<std::string, int> Traces(const ToyProgram& program, bool reduce) {
  ToyWorld world(program);
  FullSearch search(reduce ? &world.memory_model() : nullptr);
  std::map<std::string, int> traces;
  do {
    EventLog log;
    if (world.Run(search, &log).end == ExecutionEnd::kComplete) {
      ++traces[TraceOf(log)];
    }
  } while (search.more());
  return traces;
}

TEST(FullSearch, ReductionRunsEachEquivalenceClassExactlyOnce) {
  std::vector<ToyProgram> programs = {Philosophers(3, true),
                                      Philosophers(3, false)};
  for (uint64_t number = 0; number < 200; ++number) {
    programs.push_back(RandomToyProgram(number, 4));
  }
  for (size_t i = 0; i < programs.size(); ++i) {
    const auto plain = Traces(programs[i], false);
    const auto reduced = Traces(programs[i], true);
    ASSERT_EQ(reduced.size(), plain.size()) << "program " << i;
    for (const auto& [trace, count] : reduced) {
      ASSERT_EQ(plain.count(trace), 1u) << "program " << i << ": " << trace;
      ASSERT_EQ(count, 1) << "program " << i << ": " << trace;
    }
  }
}

TEST(FullSearch, ShardsCoverTheTreeWithoutOverlap) {
  for (uint64_t number = 0; number < 60; ++number) {
    const ToyProgram program = RandomToyProgram(number, 4);
    for (const bool reduce : {false, true}) {
      if (!reduce && number % 10 != 0) continue;
      const Counts whole = Explore(program, reduce);
      uint64_t complete = 0;
      uint64_t failed = 0;
      for (int i = 0; i < 3; ++i) {
        const Counts part = Explore(program, reduce, {i, 3});
        EXPECT_TRUE(part.exhausted);
        complete += part.complete;
        failed += part.failed;
      }
      EXPECT_EQ(complete, whole.complete) << "program " << number;
      EXPECT_EQ(failed, whole.failed) << "program " << number;
    }
  }
}

}  // namespace
}  // namespace racelab::model
