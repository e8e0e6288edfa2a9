#include "runtimes/model/search/shrink.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "runtimes/model/search/decision_stream.h"
#include "runtimes/model/search/inevitable.h"
#include "runtimes/model/search/random.h"
#include "runtimes/model/search/replay.h"
#include "runtimes/model/search/toy_world.h"

namespace racelab::model {
namespace {

using verdict::FailureKind;

// A failing execution found by chance.
DecisionStream FailAtRandom(ToyWorld* world, FailureKind kind, uint64_t seed) {
  RandomWalk walk(seed);
  for (int i = 0; i < 100000; ++i) {
    const ExecutionResult result = world->Run(walk, nullptr);
    if (result.end == ExecutionEnd::kFailed && result.failure.kind == kind) {
      return walk.stream();
    }
  }
  ADD_FAILURE() << "no failure found";
  return {};
}

// Three threads that add 1 four times each to a variable by load and store.
ToyProgram Counter() {
  std::vector<ToyOp> thread;
  for (int i = 0; i < 4; ++i) {
    thread.push_back(Load(0, 0));
    thread.push_back(StoreReg(0, 0, 1));
  }
  return {.threads = {thread, thread, thread},
          .ok = [](const ToyOutcome& outcome) {
            return outcome[3 * kToyRegisters] == 12;
          }};
}

TEST(Shrink, LeavesOnePreemptionOfALostUpdate) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    ToyWorld world(Counter());
    const DecisionStream found =
        FailAtRandom(&world, FailureKind::kWrongResult, seed);
    const ShrinkResult shrunk =
        Shrink(&world, FailureKind::kWrongResult, found);
    EXPECT_EQ(shrunk.preemptions, 1);
    // One thread is interrupted by a second and finishes, or the third goes
    // first: it takes three switches to run three threads and come back once.
    EXPECT_EQ(shrunk.switches, 3);
    ReplayStrategy replay(shrunk.stream);
    const ExecutionResult again = world.Run(replay, nullptr);
    EXPECT_EQ(again.end, ExecutionEnd::kFailed);
    EXPECT_EQ(again.failure.kind, FailureKind::kWrongResult);
    EXPECT_EQ(replay.problem(), "");
    EXPECT_EQ(replay.switches(), shrunk.switches);
  }
}

TEST(Shrink, LetsPhilosophersBlockInsteadOfInterruptingThem) {
  ToyWorld world(Philosophers(4, false));
  const DecisionStream found = FailAtRandom(&world, FailureKind::kDeadlock, 1);
  const ShrinkResult shrunk = Shrink(&world, FailureKind::kDeadlock, found);
  // One is interrupted with a fork in its hand; its neighbours one after the
  // other take one and block.
  EXPECT_EQ(shrunk.preemptions, 1);
  EXPECT_LE(shrunk.switches, 4);
}

TEST(Shrink, TakesBackStaleReadsThatAreNotNeeded) {
  // Fails if thread 1 misses the flag's data; the other loads do not matter.
  ToyProgram program{
      .threads = {{Store(3, 5), Store(4, 5), Store(0, 1), Store(1, 1)},
                  {Load(3, 2), Load(4, 3), Load(1, 0), Load(0, 1)}},
      .weak = true,
      .ok = [](const ToyOutcome& outcome) {
        const int64_t* regs = &outcome[kToyRegisters];
        return !(regs[0] == 1 && regs[1] == 0);
      }};
  ToyWorld world(program);
  const DecisionStream found =
      FailAtRandom(&world, FailureKind::kWrongResult, 5);
  const ShrinkResult shrunk = Shrink(&world, FailureKind::kWrongResult, found);
  EXPECT_EQ(shrunk.preemptions, 0);
  EXPECT_EQ(shrunk.switches, 1);
  int stale = 0;
  for (const Decision& decision : shrunk.stream) {
    stale += decision.kind == DecisionKind::kReadsFrom && decision.chosen != 0;
  }
  EXPECT_EQ(stale, 1);
}

TEST(Shrink, KeepsTheKindOfFailure) {
  // Deadlocks, or fails its check, in different executions.
  ToyProgram program = Philosophers(2, false);
  program.threads[0].push_back(Load(0, 0));
  program.threads[1].push_back(Store(0, 1));
  program.ok = [](const ToyOutcome& outcome) { return outcome[0] == 1; };
  for (const FailureKind kind :
       {FailureKind::kDeadlock, FailureKind::kWrongResult}) {
    ToyWorld world(program);
    const ShrinkResult shrunk =
        Shrink(&world, kind, FailAtRandom(&world, kind, 3));
    ReplayStrategy replay(shrunk.stream);
    EXPECT_EQ(world.Run(replay, nullptr).failure.kind, kind);
    EXPECT_EQ(shrunk.preemptions, kind == FailureKind::kDeadlock ? 1 : 0);
  }
}

TEST(Shrink, IsDeterministic) {
  ToyWorld one(Counter());
  ToyWorld two(Counter());
  const DecisionStream found = FailAtRandom(&one, FailureKind::kWrongResult, 4);
  EXPECT_EQ(Shrink(&one, FailureKind::kWrongResult, found).stream,
            Shrink(&two, FailureKind::kWrongResult, found).stream);
}

TEST(Shrink, ReturnsWhatCameInWhenItHasNoBudget) {
  ToyWorld world(Counter());
  const DecisionStream found =
      FailAtRandom(&world, FailureKind::kWrongResult, 1);
  const ShrinkResult same =
      Shrink(&world, FailureKind::kWrongResult, found,
             {.search_effort = 0, .edit_effort = 0, .certain_effort = 0});
  EXPECT_EQ(FormatDecisions(same.stream), FormatDecisions(found));
  EXPECT_EQ(same.inevitable_from, -1);
}

TEST(InevitableFrom, IsTheStepAfterWhichNothingHelps) {
  // Steps: 1 locks a, 2 locks b, and nothing else is possible. While only one
  // lock is taken, the other thread may still wait.
  ToyWorld deadlock({.threads = {{Lock(0), Lock(1), Unlock(1), Unlock(0)},
                                 {Lock(1), Lock(0), Unlock(0), Unlock(1)}}});
  const DecisionStream found =
      FailAtRandom(&deadlock, FailureKind::kDeadlock, 1);
  EXPECT_EQ(InevitableFrom(&deadlock, found, 100'000), 2);
  // Without a budget it says nothing.
  EXPECT_EQ(InevitableFrom(&deadlock, found, 0), -1);
  EXPECT_EQ(InevitableFrom(&deadlock, found, 100), -1);
}

TEST(InevitableFrom, IsTheBeginningOfAProgramThatAlwaysFails) {
  ToyWorld world({.threads = {{Load(0, 0), Load(0, 1)}, {Load(0, 0)}},
                  .ok = [](const ToyOutcome&) { return false; }});
  const DecisionStream found =
      FailAtRandom(&world, FailureKind::kWrongResult, 1);
  EXPECT_EQ(InevitableFrom(&world, found, 100'000), 0);
}

}  // namespace
}  // namespace racelab::model
