#include "runtimes/model/search/portfolio.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "runtimes/model/search/driver.h"
#include "runtimes/model/search/toy_world.h"
#include "verdict/judgement.h"

namespace racelab::model {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;
using verdict::Evidence;
using verdict::Judgement;
using verdict::Outcome;

Judgement Check(const ToyProgram& program, const char* strategy = "portfolio",
                int processes = 1) {
  std::vector<Judgement> parts;
  for (int i = 0; i < processes; ++i) {
    SearchOptions options;
    options.strategy = strategy;
    options.executions = 200000;
    options.seconds = 600;
    options.seed = 2;
    options.shard = {i, processes};
    parts.push_back(CheckTest("Suite.Test",
                              [&](const WorldOptions& world_options) {
                                auto world = std::make_unique<ToyWorld>(
                                    program, world_options);
                                world->count_outcomes = false;
                                return world;
                              },
                              options, {}));
  }
  return MergeShards(parts);
}

// Six threads take a number each, then do something else. Nothing is wrong but
// one order of them, which is far from the first in a depth-first search.
ToyProgram Numbers(bool wrong) {
  constexpr int kThreads = 6;
  ToyProgram program{.threads = std::vector<std::vector<ToyOp>>(
                         kThreads, {Add(0, 1, 0), Add(1, 1), Add(1, 1)})};
  if (wrong) {
    program.ok = [](const ToyOutcome& outcome) {
      for (int i = 0; i < kThreads; ++i) {
        const size_t number = static_cast<size_t>(i * kToyRegisters);
        if (outcome[number] != kThreads - 1 - i) return true;
      }
      return false;
    };
  }
  return program;
}

TEST(Portfolio, SamplesBeforeALongFullSearchGoesOn) {
  const Judgement full = Check(Numbers(true), "full");
  EXPECT_EQ(full.result.outcome, Outcome::kPass);  // within 200,000
  const Judgement found = Check(Numbers(true));
  ASSERT_EQ(found.result.outcome, Outcome::kFail);
  const Evidence& evidence = found.result.evidence;
  EXPECT_THAT(evidence.strategy, AnyOf("pos", "random"));
  EXPECT_GT(evidence.executions, Portfolio::kFirstSlice / 2);  // some pruned
  EXPECT_LE(evidence.executions, Portfolio::kFirstSlice + Portfolio::kEarlyPos +
                                     Portfolio::kEarlyRandom);
  EXPECT_THAT(evidence.detail, HasSubstr("full search not ended after "));
  EXPECT_EQ(found.replay, Check(Numbers(true)).replay);
  for (const int processes : {2, 3}) {
    const Judgement shared = Check(Numbers(true), "portfolio", processes);
    EXPECT_EQ(shared.result.outcome, Outcome::kFail) << processes;
  }
  const Judgement twin = Check(Numbers(false));
  EXPECT_EQ(twin.result.outcome, Outcome::kPass);
  EXPECT_EQ(twin.result.evidence.strength, Evidence::Strength::kSampled);
}

// Full search that makes a break sees what it would have seen without, and
// nothing twice.
TEST(Portfolio, CountsWhatFullSearchCountsAlone) {
  for (const int steps : {3, 4}) {  // 1,680 and 34,650 executions
    const ToyProgram program{
        .threads = std::vector<std::vector<ToyOp>>(
            3, std::vector<ToyOp>(static_cast<size_t>(steps), Add(0, 1)))};
    const Judgement alone = Check(program, "full");
    ASSERT_EQ(alone.result.evidence.strength, Evidence::Strength::kExhausted);
    EXPECT_EQ(alone.result.evidence.executions > Portfolio::kFirstSlice,
              steps == 4);
    for (const int processes : {1, 2, 3}) {
      const Judgement whole = Check(program, "portfolio", processes);
      EXPECT_EQ(whole.result.outcome, Outcome::kPass);
      EXPECT_EQ(whole.result.evidence.strength, Evidence::Strength::kExhausted);
      EXPECT_EQ(whole.result.evidence.executions,
                alone.result.evidence.executions);
      EXPECT_EQ(whole.result.evidence.strategy, "full");
      EXPECT_EQ(whole.result.evidence.detail, "");
    }
  }
}

// What sampling early has seen is not sampled again.
TEST(Portfolio, CountsEachSampleOnce) {
  const Judgement result = Check(Numbers(false));
  EXPECT_LE(result.result.evidence.executions, 200000u);
  EXPECT_THAT(result.result.evidence.detail,
              HasSubstr("full search not ended after "));
  const std::string& detail = result.result.evidence.detail;
  EXPECT_EQ(detail.find("sampled, pos"), detail.rfind("sampled, pos"));
  EXPECT_THAT(detail, Not(HasSubstr("sampled, full")));
}

}  // namespace
}  // namespace racelab::model
