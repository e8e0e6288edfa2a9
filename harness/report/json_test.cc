#include "report/json.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "report/testing.h"
#include "testing/json_schema.h"
#include "verdict/json.h"

namespace racelab::report {
namespace {

using nlohmann::json;

// What the schema beside the writer says is wrong with a document; "" if
// nothing is.
std::string Violation(const std::string& text) {
  std::ifstream stream(RACELAB_RESULTS_SCHEMA);
  return testing::SchemaViolation(json::parse(stream), json::parse(text));
}

TEST(ResultsJson, KeepsToItsSchema) {
  EXPECT_EQ(Violation(Json(ExampleRun())), "");
  EXPECT_EQ(Violation(Json(RunReport{})), "");
}

TEST(ResultsJson, KeepsToItsSchemaWhateverAStudentWrites) {
  EXPECT_EQ(Violation(Json(HostileRun())), "");
}

TEST(ResultsJson, HasEverythingThatTheRunHas) {
  const RunReport run = ExampleRun();
  const json document = json::parse(Json(run));
  EXPECT_EQ(document["points"], 7);
  EXPECT_EQ(document["max_points"], 15);
  EXPECT_EQ(document["outcome"], "fail");
  EXPECT_EQ(document["versions"]["compiler"], "clang 19");
  const json& lab = document["labs"][0];
  EXPECT_EQ(lab["name"], "lost_update");
  const json& test = lab["tests"][1];
  EXPECT_EQ(test["replay_command"], run.labs[0].tests[1].replay_command);
  for (size_t i = 0; i < 3; ++i) {
    const auto result = verdict::TestResultFromJson(test["results"][i]);
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_EQ(*result, run.labs[0].tests[1].results[i]);
  }
}

// The check itself must be able to fail.
TEST(ResultsSchema, RefusesWhatIsWrong) {
  const json good = json::parse(Json(ExampleRun()));
  const std::pair<const char*, json> changes[] = {
      {"/schema", "racelab/results/v2"},
      {"/points", -1},
      {"/outcome", "passed"},
      {"/started_at", "yesterday"},
      {"/labs/0/surprise", 1},
      {"/labs/0/tests/0/results/0/engine", "magic"},
      {"/labs/0/tests/0/results/0/finding",
       {{"kind", "leak"}, {"message", ""}}},
      {"/labs/0/tests/1/results/2/finding/trace/steps/0/thread", "T1"},
      {"/labs/0/tests/1/results/2/finding/where/line", 0}};
  EXPECT_EQ(Violation(good.dump()), "");
  for (const auto& [pointer, value] : changes) {
    json bad = good;
    bad[json::json_pointer(pointer)] = value;
    EXPECT_NE(Violation(bad.dump()), "") << pointer;
  }
  for (const char* key : {"labs", "points", "versions"}) {
    json bad = good;
    bad.erase(key);
    EXPECT_NE(Violation(bad.dump()), "") << key;
  }
  json bad = good;
  bad["labs"][0]["tests"][1]["results"][0].erase("finding");
  EXPECT_NE(Violation(bad.dump()), "");
}

}  // namespace
}  // namespace racelab::report
