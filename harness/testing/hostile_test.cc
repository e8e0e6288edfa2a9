// Submissions that want points without work, or harm: each folder of
// testdata/hostile answers the lab testdata/labs/outcomes/two_threads. None may
// pass. The first line of an answer says who must catch it at least:
//
//   // build: TEXT    does not compile, and the message has TEXT
//   // static: TEXT   the static check, with TEXT
//   // engines: TEXT  every engine by itself, whatever the static check says;
//                     with TEXT, the static check too

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "build/build.h"
#include "engines/engine.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "manifest/manifest.h"
#include "manifest/submission.h"
#include "verdict/verdict.h"

namespace racelab {
namespace {

namespace fs = std::filesystem;
using verdict::Engine;
using verdict::FailureKind;
using verdict::Outcome;

constexpr char kTest[] = "Act.TwiceMakesTwo";

fs::path Testdata() { return fs::path(RACELAB_SOURCE) / "harness/testdata"; }

std::vector<std::string> Names() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(Testdata() / "hostile")) {
    if (entry.is_directory()) names.push_back(entry.path().filename());
  }
  std::sort(names.begin(), names.end());
  return names;
}

class Hostile : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    const fs::path root = Testdata();
    auto lab = manifest::LoadLab(root, root / "labs/outcomes/two_threads");
    ASSERT_TRUE(lab.ok()) << lab.status();
    lab_ = *std::move(lab);
  }

  build::BuildOutcome MustBuild(const fs::path& answer) {
    auto starter = manifest::TakeStarter(lab_);
    EXPECT_TRUE(starter.ok()) << starter.status();
    auto files = manifest::TakeAnswer(lab_, *starter, answer);
    EXPECT_TRUE(files.ok()) << files.status();
    source_ = files->at("answer.cc");
    build::BuildRequest request;
    request.lab = &lab_;
    request.student = *files;
    request.harness = fs::path(RACELAB_SOURCE) / "harness";
    request.cache = fs::path(RACELAB_TEST_STATE) / "cache/modules";
    auto outcome = build::Build(request);
    EXPECT_TRUE(outcome.ok()) << outcome.status();
    return outcome.value_or(build::BuildOutcome{});
  }

  verdict::TestResult MustRun(Engine engine, const build::Modules& modules) {
    engines::RunOptions options;
    options.runners = RACELAB_BIN;
    options.tests = {kTest};
    auto results = engines::RunEngine(engine, lab_, modules, options);
    EXPECT_TRUE(results.ok()) << results.status();
    return results.ok() ? results->at(0) : verdict::TestResult{};
  }

  manifest::Lab lab_;
  std::string source_;
};

// What the first line says.
struct Claim {
  std::string who, text;
};

Claim ReadClaim(const std::string& source) {
  const std::string line = source.substr(0, source.find('\n'));
  const std::vector<std::string> parts =
      absl::StrSplit(line, absl::MaxSplits(':', 1));
  Claim claim;
  claim.who = parts[0];
  if (parts.size() > 1 && parts[1].size() > 1) claim.text = parts[1].substr(1);
  return claim;
}

TEST_P(Hostile, DoesNotPass) {
  const build::BuildOutcome outcome =
      MustBuild(Testdata() / "hostile" / GetParam());
  const Claim claim = ReadClaim(source_);

  if (claim.who == "// build") {
    EXPECT_FALSE(outcome.modules.has_value());
    ASSERT_EQ(outcome.findings.size(), 1);
    EXPECT_EQ(outcome.findings[0].kind, FailureKind::kBuildError);
    EXPECT_THAT(outcome.findings[0].output, testing::HasSubstr(claim.text));
    return;
  }
  ASSERT_TRUE(claim.who == "// static" || claim.who == "// engines") << source_;
  ASSERT_TRUE(outcome.modules.has_value())
      << (outcome.findings.empty() ? "" : outcome.findings[0].output);
  if (claim.who == "// static" || !claim.text.empty()) {
    bool found = false;
    std::string all;
    for (const verdict::Finding& finding : outcome.findings) {
      EXPECT_EQ(finding.kind, FailureKind::kForbiddenConstruct);
      found |= absl::StrContains(finding.message, claim.text);
      absl::StrAppend(&all, finding.message, "\n");
    }
    EXPECT_TRUE(found) << "wanted: " << claim.text << "\nfound: " << all;
  }
  if (claim.who == "// static") return;
  for (const Engine engine : {Engine::kTsan, Engine::kStress, Engine::kModel}) {
    const verdict::TestResult result = MustRun(engine, *outcome.modules);
    EXPECT_NE(result.outcome, Outcome::kPass)
        << verdict::Name(engine) << " let it pass";
  }
}

INSTANTIATE_TEST_SUITE_P(Each, Hostile, testing::ValuesIn(Names()),
                         [](const auto& info) { return info.param; });

// The same lab, honestly: what catches the others must let this one through.
TEST_F(Hostile, HonestWorkPasses) {
  const build::BuildOutcome outcome =
      MustBuild(Testdata() / "submissions/passes/student");
  ASSERT_TRUE(outcome.modules.has_value());
  EXPECT_THAT(outcome.findings, testing::IsEmpty());
  for (const Engine engine : {Engine::kTsan, Engine::kStress, Engine::kModel}) {
    const verdict::TestResult result = MustRun(engine, *outcome.modules);
    EXPECT_EQ(result.outcome, Outcome::kPass)
        << verdict::Name(engine) << ": " << result.reason
        << (result.finding ? result.finding->message : "");
  }
}

}  // namespace
}  // namespace racelab
