#include "manifest/manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "manifest/test_folder.h"

namespace racelab::manifest {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;
using verdict::Engine;
using verdict::Evidence;
using verdict::FailureKind;

class ManifestTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_.Write("labs/races/lost_update/student/counter.cc", "int x;\n");
  }

  absl::StatusOr<Lab> Load(std::string_view text) {
    folder_.Write("labs/races/lost_update/lab.toml", text);
    return LoadLab(folder_.path(), folder_.path() / "labs/races/lost_update");
  }

  // The message that the good manifest gives with `from` replaced by `to`.
  std::string Complaint(std::string_view from, std::string_view to) {
    std::string text(kGoodManifest);
    const size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
    const absl::StatusOr<Lab> lab = Load(text);
    EXPECT_EQ(lab.status().code(), absl::StatusCode::kInvalidArgument);
    return std::string(lab.status().message());
  }

  TestFolder folder_;
};

TEST_F(ManifestTest, ReadsEveryKey) {
  const absl::StatusOr<Lab> lab = Load(kGoodManifest);
  ASSERT_TRUE(lab.ok()) << lab.status();
  EXPECT_EQ(lab->module, "races");
  EXPECT_EQ(lab->name, "lost_update");
  EXPECT_EQ(lab->title, "Lost update");
  EXPECT_EQ(lab->order, 1);
  EXPECT_EQ(lab->kind, LabKind::kThreads);
  EXPECT_THAT(lab->editable, ElementsAre("counter.cc"));
  EXPECT_THAT(lab->may_use, ElementsAre("mutex", "atomic"));
  EXPECT_EQ(lab->max_points(), 7);
  ASSERT_EQ(lab->tests.size(), 2u);
  EXPECT_THAT(lab->tests[0].engines,
              ElementsAre(Engine::kTsan, Engine::kStress, Engine::kModel));
  EXPECT_EQ(lab->tests[0].model.expect, Evidence::Strength::kExhausted);
  EXPECT_EQ(lab->tests[0].model.seconds, 2);
  EXPECT_EQ(lab->tests[0].stress.seconds, 0.5);
  EXPECT_EQ(lab->tests[1].model.expect, Evidence::Strength::kSampled);
  EXPECT_EQ(lab->tests[1].model.strategy, "pct");
  ASSERT_EQ(lab->starter_fails.size(), 1u);
  EXPECT_THAT(lab->starter_fails[0].kinds,
              ElementsAre(FailureKind::kDataRace, FailureKind::kWrongResult));
  EXPECT_THAT(lab->Engines(),
              ElementsAre(Engine::kTsan, Engine::kStress, Engine::kModel));
}

TEST_F(ManifestTest, NamesAnUnknownKeyItsPlaceAndTheNearestOne) {
  EXPECT_EQ(Complaint("editable =", "editible ="),
            "labs/races/lost_update/lab.toml:1:1: lab.toml lacks \"editable\"\n"
            "labs/races/lost_update/lab.toml:5:1: unknown key \"editible\" in "
            "lab.toml; did you mean \"editable\"?");
}

TEST_F(ManifestTest, NamesAnUnknownKeyOfAnInnerTable) {
  EXPECT_THAT(Complaint("seconds = 0.5", "second = 0.5"),
              StartsWith("labs/races/lost_update/lab.toml:13:12: unknown key "
                         "\"second\" in stress; did you mean \"seconds\"?"));
}

TEST_F(ManifestTest, NamesAWrongType) {
  EXPECT_THAT(Complaint("points = 6", "points = \"six\""),
              StartsWith("labs/races/lost_update/lab.toml:10:10: \"points\" "
                         "must be an integer, but this is a string"));
  EXPECT_THAT(Complaint("editable = [\"counter.cc\"]", "editable = 3"),
              HasSubstr(":5:12: \"editable\" must be a list of strings"));
  EXPECT_THAT(Complaint("kind = [\"data-race\", \"wrong-result\"]", "kind = 3"),
              HasSubstr("\"kind\" must be a string or a list of strings"));
}

TEST_F(ManifestTest, NamesASyntaxErrorWithItsPlace) {
  EXPECT_THAT(Complaint("order = 1", "order = "),
              StartsWith("labs/races/lost_update/lab.toml:3:"));
}

TEST_F(ManifestTest, RefusesUnknownEnginesKindsStrategiesAndTests) {
  EXPECT_THAT(Complaint("\"tsan\", ", "\"tsun\", "),
              HasSubstr("unknown engine \"tsun\"; did you mean \"tsan\"?"));
  EXPECT_THAT(Complaint("\"data-race\"", "\"datarace\""),
              HasSubstr("did you mean \"data-race\"?"));
  EXPECT_THAT(Complaint("\"pct\"", "\"pvt\""),
              HasSubstr("did you mean \"pct\"?"));
  EXPECT_THAT(Complaint("test = \"Counter.NoIncrementIsLost\"",
                        "test = \"Counter.NoIncrementLost\""),
              HasSubstr("did you mean \"Counter.NoIncrementIsLost\"?"));
  EXPECT_THAT(Complaint("schema = 1", "schema = 2"),
              HasSubstr("schema 2 is not known"));
}

TEST_F(ManifestTest, RefusesASampledTestWithoutAReason) {
  EXPECT_THAT(Complaint("sampled_because = \"It is long.\", ", ""),
              HasSubstr("needs sampled_because"));
}

TEST_F(ManifestTest, RefusesEditableFilesOutsideStudentOrMissing) {
  EXPECT_THAT(Complaint("[\"counter.cc\"]", "[\"../scenario.cc\"]"),
              HasSubstr("must be a file below student/"));
  EXPECT_THAT(Complaint("[\"counter.cc\"]", "[\"/etc/passwd\"]"),
              HasSubstr("must be a file below student/"));
  EXPECT_THAT(Complaint("[\"counter.cc\"]", "[\"other.cc\"]"),
              HasSubstr("student/other.cc does not exist"));
}

TEST_F(ManifestTest, RefusesAnEngineThatTheFailingTestDoesNotName) {
  EXPECT_THAT(Complaint("engine = \"model\"", "engine = \"process\""),
              HasSubstr("is not judged by \"process\""));
}

TEST_F(ManifestTest, RefusesAnEngineThatDoesNotJudgeTheKindOfLab) {
  EXPECT_THAT(Complaint("\"tsan\", ", "\"process\", "),
              HasSubstr("lab.toml:8:1: engine \"process\" does not judge a lab "
                        "of kind \"threads\""));
  const std::string processes = "order = 1\nkind = \"processes\"";
  EXPECT_THAT(Complaint("order = 1", processes),
              AllOf(HasSubstr("engine \"model\" does not judge a lab of kind "
                              "\"processes\""),
                    Not(HasSubstr("tsan")), Not(HasSubstr("stress"))));
}

TEST_F(ManifestTest, RefusesTheSameTestTwice) {
  EXPECT_THAT(Complaint("Counter.StartsAtZero", "Counter.NoIncrementIsLost"),
              HasSubstr("stands here twice"));
}

TEST_F(ManifestTest, SaysThatThereIsNoManifest) {
  EXPECT_EQ(LoadLab(folder_.path(), folder_.path() / "labs/races/none")
                .status()
                .code(),
            absl::StatusCode::kNotFound);
}

TEST_F(ManifestTest, SplitsHintsAtTheirHeadings) {
  const absl::StatusOr<Lab> lab = Load(kGoodManifest);
  ASSERT_TRUE(lab.ok()) << lab.status();
  EXPECT_THAT(*LoadHints(*lab), IsEmpty());
  folder_.Write(
      "labs/races/lost_update/hints.md",
      "# Hints\nIntro.\n\n## One\nAsk.\n\n## Two\n```\n## code\n```\n");
  EXPECT_THAT(*LoadHints(*lab),
              ElementsAre("## One\nAsk.\n", "## Two\n```\n## code\n```\n"));
}

TEST_F(ManifestTest, ReadsTheAnswersKeptForALab) {
  const absl::StatusOr<Lab> lab = Load(kGoodManifest);
  ASSERT_TRUE(lab.ok()) << lab.status();
  EXPECT_FALSE(LoadSolutions(folder_.path(), *lab)->exists);
  folder_.Write("solutions/races/lost_update/rejected/volatile/expect.toml",
                "engine = [\"model\", \"tsan\"]\nkind = \"data-race\"\n"
                "misconception = \"volatile is not atomic.\"\n");
  folder_.Write("solutions/races/lost_update/accepted/atomic/accept.toml",
                "summary = \"An atomic.\"\n");
  const absl::StatusOr<Solutions> solutions =
      LoadSolutions(folder_.path(), *lab);
  ASSERT_TRUE(solutions.ok()) << solutions.status();
  ASSERT_EQ(solutions->rejected.size(), 1u);
  EXPECT_EQ(solutions->rejected[0].name, "volatile");
  EXPECT_THAT(solutions->rejected[0].engines,
              ElementsAre(Engine::kModel, Engine::kTsan));
  EXPECT_EQ(solutions->rejected[0].misconception, "volatile is not atomic.");
  ASSERT_EQ(solutions->accepted.size(), 1u);
  EXPECT_EQ(solutions->accepted[0].summary, "An atomic.");
}

TEST_F(ManifestTest, CollectsTheMistakesOfAllAnswers) {
  const absl::StatusOr<Lab> lab = Load(kGoodManifest);
  ASSERT_TRUE(lab.ok()) << lab.status();
  folder_.Write("solutions/races/lost_update/rejected/a/expect.toml",
                "engine = \"process\"\nkind = \"data-race\"\n"
                "misconception = \"x\"\n");
  folder_.Write("solutions/races/lost_update/accepted/b/accept.toml", "");
  const std::string message(
      LoadSolutions(folder_.path(), *lab).status().message());
  EXPECT_THAT(message, HasSubstr("rejected/a/expect.toml:1:10: engine "
                                 "\"process\" judges no test of this lab"));
  EXPECT_THAT(message, HasSubstr("accepted/b/accept.toml:1:1: accept.toml "
                                 "lacks \"summary\""));
}

}  // namespace
}  // namespace racelab::manifest
