// Processes that share a search: their parts add up to what one does.

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "runtimes/model/search/driver.h"
#include "runtimes/model/search/toy_world.h"
#include "verdict/judgement.h"

namespace racelab::model {
namespace {

using verdict::Evidence;
using verdict::FailureKind;
using verdict::Judgement;
using verdict::Outcome;

Judgement Check(const ToyProgram& program, SearchOptions options,
                int processes) {
  std::vector<Judgement> parts;
  for (int i = 0; i < processes; ++i) {
    options.shard = {i, processes};
    parts.push_back(CheckTest("Suite.Test",
                              [&](const WorldOptions& world_options) {
                                return std::make_unique<ToyWorld>(
                                    program, world_options);
                              },
                              options, {}));
  }
  return MergeShards(parts);
}

ToyProgram Adders(int threads, int steps) {
  return {.threads = std::vector<std::vector<ToyOp>>(
              static_cast<size_t>(threads),
              std::vector<ToyOp>(static_cast<size_t>(steps), Add(0, 1)))};
}

TEST(Shards, AddsUpToWhatOneProcessDoes) {
  for (const char* strategy : {"full", "bounded", "portfolio"}) {
    SearchOptions options;
    options.strategy = strategy;
    const Judgement one = Check(Adders(3, 3), options, 1);
    for (const int processes : {2, 3, 7}) {
      const Judgement many = Check(Adders(3, 3), options, processes);
      EXPECT_EQ(many.result.outcome, Outcome::kPass) << many.result.reason;
      EXPECT_EQ(many.result.evidence.executions, one.result.evidence.executions)
          << strategy << " with " << processes;
      EXPECT_EQ(many.result.evidence.strength, one.result.evidence.strength);
      EXPECT_EQ(many.result.evidence.strategy, one.result.evidence.strategy);
    }
  }
  SearchOptions options;
  options.strategy = "random";
  options.executions = 1000;
  EXPECT_EQ(Check(Adders(3, 3), options, 3).result.evidence.executions, 1000u);
}

TEST(Shards, FindsWhatOneProcessFinds) {
  ToyProgram program = Adders(3, 4);
  program.ok = [](const ToyOutcome&) { return true; };
  program.threads[2] = {Load(0, 0), StoreReg(0, 0, 1)};
  program.ok = [](const ToyOutcome& outcome) {
    return outcome[3 * kToyRegisters] != 4;  // one interleaving's result
  };
  SearchOptions options;
  options.strategy = "full";
  for (const int processes : {1, 2, 5}) {
    const Judgement result = Check(program, options, processes);
    ASSERT_EQ(result.result.outcome, Outcome::kFail);
    EXPECT_EQ(result.result.finding->kind, FailureKind::kWrongResult);
    EXPECT_FALSE(result.replay.empty());
    EXPECT_EQ(result.replay, Check(program, options, processes).replay);
  }
}

TEST(Shards, CallsALabelUnreachableOnlyIfNoPartReachedIt) {
  const verdict::Label kFive = {.name = "five", .where = {}};
  const verdict::Label kNinetyNine = {.name = "ninety-nine", .where = {}};
  ToyProgram program = Adders(3, 4);
  program.threads[2] = {Load(0, 0), SkipUnless(0, 5, 1), Reached("five"),
                        SkipUnless(0, 99, 1), Reached("ninety-nine")};
  SearchOptions options;
  options.strategy = "full";
  program.expected = {kFive};
  EXPECT_EQ(Check(program, options, 4).result.outcome, Outcome::kPass);
  program.expected = {kFive, kNinetyNine};
  const Judgement never = Check(program, options, 4);
  ASSERT_EQ(never.result.outcome, Outcome::kFail);
  EXPECT_EQ(never.result.finding->kind, FailureKind::kUnreachable);
  EXPECT_EQ(never.result.finding->object, "ninety-nine");
  EXPECT_EQ(never.unreached, std::vector<verdict::Label>{kNinetyNine});
}

}  // namespace
}  // namespace racelab::model
