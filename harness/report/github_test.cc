#include "report/github.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "report/testing.h"

namespace racelab::report {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::vector<std::string> LinesOf(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

TEST(GithubAnnotations, PointAtTheStudentsLine) {
  EXPECT_THAT(
      LinesOf(GithubAnnotations(ExampleRun())),
      ElementsAre(AllOf(
          StartsWith("::error file=labs/races/lost_update/student/counter.cc,"
                     "line=6,title=lost_update%3A Counter.NoIncrementIsLost%3A "
                     "data race::Data race on counter"),
          HasSubstr("%0AReplay it: ./racelab replay rl1."))));
}

TEST(GithubAnnotations, PutWhatStopsEverythingFirst) {
  RunReport run = ExampleRun();
  verdict::Finding finding;
  finding.kind = verdict::FailureKind::kBuildError;
  finding.message = "broken";
  finding.where = {"student/bank.cc", 3, 1, ""};
  run.labs[1].findings = {finding};
  const auto lines = LinesOf(GithubAnnotations(run));
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_THAT(lines[0],
              HasSubstr("title=bank_transfer%3A build error::broken"));
}

TEST(GithubAnnotations, LetNoStudentGiveCommands) {
  for (const std::string& line : LinesOf(GithubAnnotations(HostileRun()))) {
    EXPECT_THAT(line, testing::AnyOf(StartsWith("::error file="),
                                     StartsWith("::error title="),
                                     StartsWith("::warning file="),
                                     StartsWith("::warning title=")));
    // Only our own two separators: a property cannot end early.
    const size_t data = line.find("::", 2);
    EXPECT_THAT(line.substr(2, data - 2), Not(HasSubstr(":")));
  }
}

TEST(GithubSummary, HasTheMatrixAndTheStory) {
  const std::string text = GithubSummary(ExampleRun());
  EXPECT_THAT(text,
              AllOf(StartsWith("## Racelab: 7 / 15 points\n"),
                    HasSubstr("| test | points | tsan | stress | model |"),
                    HasSubstr("❌ data race"), HasSubstr("✅ 200,000 sampled"),
                    HasSubstr("no happens-before edge")));
}

TEST(GithubSummary, LetsNoStudentWriteMarkup) {
  bool in_code = false;
  std::string fence;
  for (const std::string& line : LinesOf(GithubSummary(HostileRun()))) {
    if (!in_code && line.starts_with("```")) {
      in_code = true;
      fence = line.substr(0, line.find('t'));
      continue;
    }
    if (in_code) {
      if (line == fence) in_code = false;
      continue;
    }
    EXPECT_THAT(line, Not(HasSubstr("<b>")));
    EXPECT_THAT(line, Not(HasSubstr("](")));
    EXPECT_THAT(line, Not(StartsWith("# ")));
  }
  EXPECT_FALSE(in_code);
}

TEST(GithubSummary, KeepsWithinItsLimit) {
  RunReport run = ExampleRun();
  for (int i = 0; i < 200; ++i) run.labs.push_back(run.labs[0]);
  for (const size_t limit : {100u, 1000u, 20000u}) {
    EXPECT_LE(GithubSummary(run, limit).size(), limit);
  }
  EXPECT_THAT(GithubSummary(run, 20000), HasSubstr("More was left out"));
}

}  // namespace
}  // namespace racelab::report
