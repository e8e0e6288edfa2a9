#include "verdict/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <random>
#include <string>

#include "verdict/limits.h"

namespace racelab::verdict {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

// A result with every field set.
TestResult FullResult() {
  TestResult result;
  result.test = "Counter.NoIncrementIsLost";
  result.engine = Engine::kModel;
  result.outcome = Outcome::kFail;
  result.evidence = {.strength = Evidence::Strength::kSampled,
                     .executions = 18446744073709551615u,
                     .strategy = "pct 3",
                     .seed = 7,
                     .detail = "depth 3",
                     .limits = {"spurious wake-ups: at most 1 a thread"},
                     .seconds = 1.5};
  const SourceLocation here = {"student/counter.cc", 12, 3, "increment"};
  Finding finding;
  finding.kind = FailureKind::kDataRace;
  finding.message = "\"counter\" – a race\n";
  finding.where = here;
  finding.object = "counter";
  finding.object_origin = "global";
  finding.accesses = {{"T1", true, false, 4, {here}, {"lock_"}},
                      {"T2", false, true, 8, {here, here}, {}}};
  finding.blocked = {{"T1", "mutex b", "T2", {here}}};
  finding.trace = Trace{.threads = {{"main", {}}, {"T1", here}},
                        .steps = {{1,
                                   here,
                                   "++counter;",
                                   "reads",
                                   "counter",
                                   "0",
                                   {"lock_"},
                                   "stale",
                                   {here}},
                                  {0, here, "", "joins", "T1", "", {}, "", {}}},
                        .inevitable_from = 1,
                        .context_switches = 2};
  finding.token = "rl1.x";
  finding.hints = {"a", "b"};
  finding.output = "boom";
  result.finding = finding;
  return result;
}

std::string ErrorOf(const json& value) {
  const auto result = TestResultFromJson(value);
  return result.ok() ? "accepted" : std::string(result.status().message());
}

TEST(VerdictJson, LosesNothingOnTheWay) {
  const auto back =
      TestResultFromJson(json::parse(ToJson(FullResult()).dump()));
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(*back, FullResult());
}

TEST(VerdictJson, LeavesOutWhatIsEmpty) {
  TestResult result;
  result.test = "A.B";
  result.outcome = Outcome::kPass;
  EXPECT_EQ(ToJson(result).dump(),
            R"({"engine":"model","outcome":"pass","test":"A.B"})");
  EXPECT_EQ(*TestResultFromJson(ToJson(result)), result);
}

TEST(VerdictJson, NamesTheFieldThatIsWrong) {
  json value = ToJson(FullResult());
  value["finding"]["trace"]["steps"][1].erase("where");
  EXPECT_EQ(ErrorOf(value), "finding.trace.steps[1].where: is missing");
  value = ToJson(FullResult());
  value["finding"]["accesses"][0]["size"] = -1;
  EXPECT_EQ(ErrorOf(value), "finding.accesses[0].size: is out of range");
  value = ToJson(FullResult());
  value["outcome"] = "passed";
  EXPECT_EQ(ErrorOf(value), "outcome: is no name known here");
  value = ToJson(FullResult());
  value["finding"]["where"]["line"] = 1e300;
  EXPECT_EQ(ErrorOf(value), "finding.where.line: is no integer");
  value = ToJson(FullResult());
  value["evidence"]["seconds"] = -1;
  EXPECT_EQ(ErrorOf(value), "evidence.seconds: is out of range");
}

TEST(VerdictJson, RefusesADocumentThatContradictsItself) {
  json value = ToJson(FullResult());
  value.erase("finding");
  EXPECT_THAT(ErrorOf(value), HasSubstr("fails without a finding"));
  value = ToJson(FullResult());
  value["outcome"] = "pass";
  EXPECT_THAT(ErrorOf(value), HasSubstr("a finding without having failed"));
  value = ToJson(FullResult());
  value["finding"]["trace"]["steps"][0]["thread"] = 2;
  EXPECT_THAT(ErrorOf(value), HasSubstr("a thread that it does not name"));
  value = ToJson(FullResult());
  value["finding"]["trace"]["inevitable_from"] = 2;
  EXPECT_THAT(ErrorOf(value), HasSubstr("inevitable_from"));
}

TEST(VerdictJson, LimitsTextAndLists) {
  json value = ToJson(FullResult());
  value["finding"]["message"] = std::string(kMaxText, 'x');
  EXPECT_EQ(ErrorOf(value), "accepted");
  value["finding"]["message"] = std::string(kMaxText + 1, 'x');
  EXPECT_EQ(ErrorOf(value), "finding.message: is too long");
  value = ToJson(FullResult());
  value["finding"]["hints"] = json(std::vector<std::string>(kMaxItems + 1));
  EXPECT_EQ(ErrorOf(value), "finding.hints: has too many items");
  value["finding"]["hints"] =
      json(std::vector<std::string>(300, std::string(kMaxText, 'x')));
  EXPECT_EQ(ErrorOf(value), "finding.hints[255]: holds too much text");
}

// Every value in the document replaced by every kind of wrong one.
TEST(VerdictJson, SurvivesAnyValueAnywhere) {
  const json wrong[] = {
      nullptr,       true,           -1,
      1.5,           "text",         1e308,
      json::array(), json::object(), json::array({json::array({1})})};
  const json document = ToJson(FullResult()).flatten();
  for (const auto& [pointer, leaf] : document.items()) {
    for (const json& value : wrong) {
      json changed = ToJson(FullResult());
      changed[json::json_pointer(pointer)] = value;
      (void)TestResultFromJson(changed);
      // The branch above it, too.
      const json::json_pointer parent =
          json::json_pointer(pointer).parent_pointer();
      changed = ToJson(FullResult());
      changed[parent] = value;
      (void)TestResultFromJson(changed);
    }
  }
  for (const json& value : wrong) EXPECT_NE(ErrorOf(value), "accepted");
}

}  // namespace
}  // namespace racelab::verdict
