#include "verdict/judgement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace racelab::verdict {
namespace {

using testing::HasSubstr;

Label At(const std::string& name, int line) {
  Label label;
  label.name = name;
  label.where.file = "scenario.cc";
  label.where.line = line;
  return label;
}

Judgement Pass(Evidence::Strength strength) {
  Judgement part;
  part.result.outcome = Outcome::kPass;
  part.result.evidence.strength = strength;
  part.result.evidence.executions = 5;
  return part;
}

Judgement Unreached(const std::vector<Label>& labels, bool exhausted) {
  Judgement part = Pass(exhausted ? Evidence::Strength::kExhausted
                                  : Evidence::Strength::kSampled);
  NoteUnreached(labels, exhausted, &part);
  return part;
}

Judgement Race(const std::string& message) {
  Judgement part;
  part.result.outcome = Outcome::kFail;
  part.result.finding.emplace().message = message;
  part.result.finding->kind = FailureKind::kDataRace;
  return part;
}

TEST(MergeShards, IsExhaustedOnlyIfEveryPartIs) {
  const Judgement exhausted = Pass(Evidence::Strength::kExhausted);
  const Judgement all = MergeShards({exhausted, exhausted});
  EXPECT_EQ(all.result.evidence.strength, Evidence::Strength::kExhausted);
  EXPECT_EQ(all.result.evidence.executions, 10u);
  const Judgement some =
      MergeShards({exhausted, Pass(Evidence::Strength::kSampled)});
  EXPECT_EQ(some.result.outcome, Outcome::kPass);
  EXPECT_EQ(some.result.evidence.strength, Evidence::Strength::kSampled);
}

TEST(MergeShards, FailsByTheLowestPartThatFails) {
  Judgement broken;
  broken.result.outcome = Outcome::kHarnessError;
  const Judgement merged = MergeShards({Pass(Evidence::Strength::kExhausted),
                                        broken, Race("first"), Race("second")});
  ASSERT_EQ(merged.result.outcome, Outcome::kFail);
  EXPECT_EQ(merged.result.finding->message, "first");
}

TEST(MergeShards, IsNoPassWhereOnePartIsInDoubt) {
  Judgement doubt;
  doubt.result.outcome = Outcome::kInconclusive;
  EXPECT_EQ(
      MergeShards({Pass(Evidence::Strength::kExhausted), doubt}).result.outcome,
      Outcome::kInconclusive);
}

// Each part has its own share of the executions: that one of them does not
// reach a label says nothing.
TEST(MergeShards, CallsALabelUnreachableOnlyIfNoPartReachedIt) {
  const Label a = At("a", 3), b = At("b", 4);
  const Judgement passes = Pass(Evidence::Strength::kExhausted);
  EXPECT_EQ(MergeShards({Unreached({a}, true), passes}).result.outcome,
            Outcome::kPass);
  const Judgement each =
      MergeShards({Unreached({a}, true), Unreached({b}, true)});
  EXPECT_EQ(each.result.outcome, Outcome::kPass);
  EXPECT_FALSE(each.result.finding.has_value());

  const Judgement never =
      MergeShards({Unreached({a, b}, true), Unreached({b}, true)});
  ASSERT_EQ(never.result.outcome, Outcome::kFail);
  EXPECT_EQ(never.result.finding->kind, FailureKind::kUnreachable);
  EXPECT_EQ(never.result.finding->object, "b");
  EXPECT_EQ(never.result.finding->where, b.where);

  const Judgement open =
      MergeShards({Unreached({a, b}, true), Unreached({b}, false)});
  EXPECT_EQ(open.result.outcome, Outcome::kInconclusive);
  EXPECT_FALSE(open.result.finding.has_value());
  EXPECT_THAT(open.result.reason, HasSubstr("reached b;"));
}

TEST(MergeWays, IsTheWorseOneWithTheWorkOfBoth) {
  const Judgement passes = Pass(Evidence::Strength::kRounds);
  for (const Judgement& merged :
       {MergeWays(passes, Race("a race")), MergeWays(Race("a race"), passes)}) {
    EXPECT_EQ(merged.result.outcome, Outcome::kFail);
    EXPECT_EQ(merged.result.evidence.executions, 5u);
  }
  EXPECT_EQ(MergeWays(passes, passes).result.evidence.executions, 10u);
}

}  // namespace
}  // namespace racelab::verdict
