#include "cli/proof_cache.h"

#include <gtest/gtest.h>

#include <string>

#include "manifest/test_folder.h"

namespace racelab::cli {
namespace {

using manifest::Lab;
using manifest::TestFolder;
using verdict::Engine;
using verdict::Outcome;

// A rejected answer that the model must catch.
Answer Rejected() {
  Answer answer;
  answer.kind = AnswerKind::kRejected;
  answer.name = "rejected/volatile";
  answer.files["counter.cc"] = "volatile int value;";
  answer.rejected.engines = {Engine::kModel};
  answer.rejected.kinds = {verdict::FailureKind::kDataRace};
  return answer;
}

AnswerRun Caught() {
  AnswerRun run;
  run.results.resize(1);
  run.results[0].test = "A.B";
  run.results[0].engine = Engine::kModel;
  run.results[0].outcome = Outcome::kFail;
  run.results[0].finding.emplace();
  run.results[0].finding->kind = verdict::FailureKind::kDataRace;
  run.warnings = "unused variable";
  return run;
}

class ProofCacheTest : public testing::Test {
 protected:
  ProofCacheTest() {
    context_.harness = folder_.path() / "harness";
    context_.runners = folder_.path() / "bin";
    context_.state = folder_.path() / "state";
    lab_.module = "races";
    lab_.name = "lost_update";
    lab_.directory = folder_.path() / "lab";
    folder_.Write("lab/lab.toml", "title");
    folder_.Write("lab/scenario.cc", "test");
    folder_.Write("bin/runner.model", "program");
  }

  // `module`: what the compiler makes of it.
  absl::Status Make(const Answer& answer, std::string_view module) {
    build::BuildOutcome built;
    built.modules.emplace();
    built.modules->instrumented = folder_.Write("module.so", module);
    return ProofCache(context_).NoteMade(lab_, answer, NeededFor(lab_, answer),
                                         built);
  }

  void Remember(const Answer& answer, int repetitions) {
    ASSERT_TRUE(Make(answer, "code").ok());
    const ProofCache cache(context_);
    for (int i = 0; i < repetitions; ++i) {
      ASSERT_TRUE(
          cache.Remember(lab_, answer, NeededFor(lab_, answer), i, Caught())
              .ok());
    }
  }

  int Proofs(const Answer& answer) const {
    return ProofCache(context_).Proofs(lab_, answer, context_.compiler);
  }

  TestFolder folder_;
  Context context_;
  Lab lab_;
};

TEST_F(ProofCacheTest, RecallsWhatARunGave) {
  const Answer answer = Rejected();
  Remember(answer, 1);
  const ProofCache cache(context_);
  AnswerRun run;
  ASSERT_TRUE(cache.Recall(lab_, answer, NeededFor(lab_, answer), 0, run));
  ASSERT_EQ(run.results.size(), 1u);
  EXPECT_EQ(run.results[0], Caught().results[0]);
  EXPECT_EQ(run.warnings, "unused variable");
  EXPECT_FALSE(cache.Recall(lab_, answer, NeededFor(lab_, answer), 1, run));
}

TEST_F(ProofCacheTest, CountsTheRepetitionsOfEachCompiler) {
  const Answer answer = Rejected();
  EXPECT_EQ(Proofs(answer), 0);
  Remember(answer, 3);
  EXPECT_EQ(Proofs(answer), 3);
  const ProofCache cache(context_);
  EXPECT_EQ(cache.Proofs(lab_, answer, build::Compiler::kGcc12), 0);
}

TEST_F(ProofCacheTest, AnythingThatJudgesOrIsJudgedStartsAnew) {
  Answer answer = Rejected();
  Remember(answer, 2);
  answer.files["counter.cc"] += " ";
  EXPECT_EQ(Proofs(answer), 0);
  answer = Rejected();
  for (const char* file :
       {"lab/lab.toml", "lab/scenario.cc", "lab/student/counter.cc",
        "bin/runner.model", "harness/labkit/labkit.h", "harness/build/rules"}) {
    Remember(answer, 2);
    ASSERT_EQ(Proofs(answer), 2);
    folder_.Write(file, "changed");
    EXPECT_EQ(Proofs(answer), 0) << file;
  }
}

TEST_F(ProofCacheTest, WhatMakesTheSameModuleAgainStartsNothingAnew) {
  const Answer answer = Rejected();
  for (const char* file :
       {"lab/scenario.cc", "harness/labkit/labkit.h", "harness/build/rules"}) {
    Remember(answer, 2);
    folder_.Write(file, "another comment");
    EXPECT_FALSE(
        ProofCache(context_).IsMade(lab_, answer, NeededFor(lab_, answer)))
        << file;
    ASSERT_TRUE(Make(answer, "code").ok());
    EXPECT_EQ(Proofs(answer), 2) << file;
    folder_.Write(file, "other code");
    ASSERT_TRUE(Make(answer, "other code").ok());
    EXPECT_EQ(Proofs(answer), 0) << file;
  }
}

TEST_F(ProofCacheTest, WhatTheStaticCheckFindsNewlyStartsAnew) {
  const Answer answer = Rejected();
  Remember(answer, 2);
  build::BuildOutcome built;
  built.modules.emplace();
  built.modules->instrumented = folder_.Write("module.so", "code");
  built.findings.emplace_back().message = "a forbidden call";
  ASSERT_TRUE(ProofCache(context_)
                  .NoteMade(lab_, answer, NeededFor(lab_, answer), built)
                  .ok());
  EXPECT_EQ(Proofs(answer), 0);
}

TEST_F(ProofCacheTest, NothingIsRememberedOfWhatIsNotMade) {
  const Answer answer = Rejected();
  const ProofCache cache(context_);
  EXPECT_FALSE(
      cache.Remember(lab_, answer, NeededFor(lab_, answer), 0, Caught()).ok());
}

TEST_F(ProofCacheTest, WhatIsNoLongerExpectedIsNoProof) {
  Answer answer = Rejected();
  Remember(answer, 2);
  answer.rejected.kinds = {verdict::FailureKind::kDeadlock};
  EXPECT_EQ(Proofs(answer), 0);
}

TEST_F(ProofCacheTest, ABrokenEntryIsNoProof) {
  const Answer answer = Rejected();
  Remember(answer, 1);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(
           context_.state / "cache" / "proofs")) {
    if (entry.is_regular_file()) std::filesystem::resize_file(entry, 10);
  }
  EXPECT_EQ(Proofs(answer), 0);
}

TEST_F(ProofCacheTest, AClaimedAnswerIsNobodyElsesUntilItIsLetGo) {
  const Answer answer = Rejected();
  Answer other = Rejected();
  other.name = "rejected/atomic";
  const ProofCache cache(context_);
  const ProofCache theirs(context_);
  context_.compiler = build::Compiler::kGcc12;
  const ProofCache gcc(context_);
  {
    const auto claim = cache.TryClaim(lab_, answer);
    ASSERT_TRUE(claim.has_value());
    EXPECT_FALSE(theirs.TryClaim(lab_, answer).has_value());
    EXPECT_TRUE(theirs.TryClaim(lab_, other).has_value());
    EXPECT_TRUE(gcc.TryClaim(lab_, answer).has_value());
  }
  EXPECT_TRUE(theirs.TryClaim(lab_, answer).has_value());
}

TEST_F(ProofCacheTest, WhereNothingCanBeRememberedEveryClaimIsGranted) {
  folder_.Write("state", "a file in the folder's place");
  const ProofCache cache(context_);
  const auto claim = cache.TryClaim(lab_, Rejected());
  EXPECT_TRUE(claim.has_value());
  EXPECT_TRUE(cache.TryClaim(lab_, Rejected()).has_value());
}

}  // namespace
}  // namespace racelab::cli
