#include "cli/proof.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "manifest/test_folder.h"

namespace racelab::cli {
namespace {

using manifest::ExpectedFailure;
using manifest::Lab;
using manifest::TestFolder;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using verdict::Engine;
using verdict::Evidence;
using verdict::FailureKind;
using verdict::Finding;
using verdict::Outcome;
using verdict::TestResult;

constexpr char kTest[] = "Counter.NoIncrementIsLost";

// One test, judged by tsan and the model; the starter races under the model.
Lab OneTest() {
  Lab lab;
  lab.module = "races";
  lab.name = "lost_update";
  lab.tests.resize(1);
  lab.tests[0].name = kTest;
  lab.tests[0].engines = {Engine::kTsan, Engine::kModel};
  ExpectedFailure failure;
  failure.test = kTest;
  failure.engine = Engine::kModel;
  failure.kinds = {FailureKind::kDataRace};
  failure.line = 20;
  lab.starter_fails = {failure};
  return lab;
}

TestResult Pass(Engine engine,
                Evidence::Strength strength = Evidence::Strength::kExhausted) {
  TestResult result;
  result.test = kTest;
  result.engine = engine;
  result.outcome = Outcome::kPass;
  result.evidence.strength = strength;
  result.evidence.executions = 12;
  result.evidence.strategy = "pct 3";
  return result;
}

TestResult Fails(Engine engine, FailureKind kind) {
  TestResult result;
  result.test = kTest;
  result.engine = engine;
  result.outcome = Outcome::kFail;
  result.finding.emplace();
  result.finding->kind = kind;
  return result;
}

TestResult Open(Engine engine) {
  TestResult result;
  result.test = kTest;
  result.engine = engine;
  result.outcome = Outcome::kInconclusive;
  result.reason = "the budget was spent";
  return result;
}

Answer Of(AnswerKind kind) {
  Answer answer;
  answer.kind = kind;
  answer.name = "it";
  answer.rejected.engines = {Engine::kModel};
  answer.rejected.kinds = {FailureKind::kDataRace};
  return answer;
}

std::vector<std::string> Whats(const std::vector<Problem>& problems) {
  std::vector<std::string> whats;
  for (const Problem& problem : problems) whats.push_back(problem.what);
  return whats;
}

std::vector<std::string> Judged(AnswerKind kind,
                                std::vector<TestResult> results) {
  AnswerRun run;
  run.results = std::move(results);
  return Whats(Judge(OneTest(), Of(kind), run));
}

TEST(Judge, AStarterFailsExactlyAsDeclared) {
  EXPECT_THAT(Judged(AnswerKind::kStarter,
                     {Pass(Engine::kTsan),
                      Fails(Engine::kModel, FailureKind::kDataRace)}),
              IsEmpty());
}

TEST(Judge, AStarterThatPassesIsNamed) {
  EXPECT_THAT(
      Judged(AnswerKind::kStarter, {Pass(Engine::kTsan), Pass(Engine::kModel)}),
      ElementsAre(HasSubstr("the starter passes Counter.NoIncrementIsLost "
                            "under model, but lab.toml:20 declares "
                            "data-race")));
}

TEST(Judge, AStarterThatFailsOtherwiseIsNamed) {
  EXPECT_THAT(
      Judged(AnswerKind::kStarter,
             {Pass(Engine::kTsan), Fails(Engine::kModel, FailureKind::kCrash)}),
      ElementsAre(HasSubstr("with crash, but lab.toml:20 declares "
                            "data-race")));
  EXPECT_THAT(Judged(AnswerKind::kStarter,
                     {Fails(Engine::kTsan, FailureKind::kDataRace),
                      Fails(Engine::kModel, FailureKind::kDataRace)}),
              ElementsAre(HasSubstr("which lab.toml does not declare")));
}

TEST(Judge, ASolutionPassesEveryEngineAsStronglyAsDeclared) {
  EXPECT_THAT(Judged(AnswerKind::kSolution,
                     {Pass(Engine::kTsan, Evidence::Strength::kRounds),
                      Pass(Engine::kModel)}),
              IsEmpty());
  EXPECT_THAT(Judged(AnswerKind::kSolution,
                     {Pass(Engine::kModel, Evidence::Strength::kSampled)}),
              ElementsAre(HasSubstr("is not exhausted: 12 executions were "
                                    "sampled (pct 3)")));
  EXPECT_THAT(Judged(AnswerKind::kSolution,
                     {Fails(Engine::kTsan, FailureKind::kDataRace)}),
              ElementsAre(HasSubstr("the solution fails "
                                    "Counter.NoIncrementIsLost under tsan")));
}

TEST(Judge, AnAcceptedAnswerMaySayWhyItIsNotExhausted) {
  AnswerRun run;
  run.results = {Pass(Engine::kModel, Evidence::Strength::kSampled)};
  Answer answer = Of(AnswerKind::kAccepted);
  EXPECT_EQ(Judge(OneTest(), answer, run).size(), 1u);
  answer.sampled_because = "it has many steps";
  EXPECT_THAT(Judge(OneTest(), answer, run), IsEmpty());
}

TEST(Judge, AFailureOfAnAcceptedAnswerBringsItsTrace) {
  AnswerRun run;
  run.results = {Fails(Engine::kModel, FailureKind::kDeadlock)};
  const auto problems = Judge(OneTest(), Of(AnswerKind::kAccepted), run);
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_TRUE(problems[0].has_result);
  EXPECT_EQ(problems[0].result, run.results[0]);
}

TEST(Judge, ARejectedAnswerIsCaughtByTheDeclaredEngine) {
  EXPECT_THAT(Judged(AnswerKind::kRejected,
                     {Fails(Engine::kModel, FailureKind::kDataRace)}),
              IsEmpty());
}

TEST(Judge, ARejectedAnswerThatSurvivesNamesWhoShouldHaveCaughtIt) {
  EXPECT_THAT(Judged(AnswerKind::kRejected,
                     {Fails(Engine::kTsan, FailureKind::kDataRace),
                      Pass(Engine::kModel)}),
              ElementsAre(HasSubstr("this wrong answer survives: model should "
                                    "have caught it with data-race")));
}

TEST(Judge, ARejectedAnswerOfAnotherKindOrTestIsNotCaught) {
  EXPECT_THAT(Judged(AnswerKind::kRejected,
                     {Fails(Engine::kModel, FailureKind::kDeadlock)}),
              ElementsAre(HasSubstr("fails with deadlock, but expect.toml "
                                    "declares data-race")));
  AnswerRun run;
  run.results = {Fails(Engine::kModel, FailureKind::kDataRace)};
  Answer answer = Of(AnswerKind::kRejected);
  answer.rejected.test = "Other.Test";
  EXPECT_EQ(Judge(OneTest(), answer, run).size(), 1u);
}

TEST(Judge, EveryDeclaredEngineMustCatchARejectedAnswer) {
  AnswerRun run;
  run.results = {Fails(Engine::kModel, FailureKind::kDataRace),
                 Pass(Engine::kTsan)};
  Answer answer = Of(AnswerKind::kRejected);
  answer.rejected.engines = {Engine::kModel, Engine::kTsan};
  EXPECT_THAT(Whats(Judge(OneTest(), answer, run)),
              ElementsAre(HasSubstr("tsan should have caught it")));
}

TEST(Judge, AForbiddenConstructIsAStaticCatch) {
  AnswerRun run;
  run.findings.resize(1);
  run.findings[0].kind = FailureKind::kForbiddenConstruct;
  Answer answer = Of(AnswerKind::kRejected);
  answer.rejected.engines = {Engine::kStatic};
  answer.rejected.kinds = {FailureKind::kForbiddenConstruct};
  EXPECT_THAT(Judge(OneTest(), answer, run), IsEmpty());
  run.findings.clear();
  EXPECT_EQ(Judge(OneTest(), answer, run).size(), 1u);
}

TEST(Judge, WhatNobodyDecidedIsAProblemButNotTheLabs) {
  AnswerRun run;
  run.results = {Open(Engine::kModel)};
  for (AnswerKind kind : {AnswerKind::kSolution, AnswerKind::kAccepted,
                          AnswerKind::kRejected, AnswerKind::kStarter}) {
    const auto problems = Judge(OneTest(), Of(kind), run);
    ASSERT_EQ(problems.size(), 1u);
    EXPECT_TRUE(problems[0].undecided);
  }
}

TEST(NeededFor, RunsOnlyWhatARejectedAnswerDeclares) {
  Answer answer = Of(AnswerKind::kRejected);
  answer.rejected.test = kTest;
  const Needed needed = NeededFor(OneTest(), answer);
  EXPECT_THAT(needed.engines, ElementsAre(Engine::kModel));
  EXPECT_THAT(needed.tests, ElementsAre(kTest));
  EXPECT_THAT(NeededFor(OneTest(), Of(AnswerKind::kSolution)).engines,
              IsEmpty());
}

TEST(TellingLines, AreThoseThatTheStarterLacks) {
  EXPECT_THAT(TellingLines({{"a.cc", "int total = 0;\nvoid Add();\n"}},
                           {{"a.cc",
                             "int total = 0;\n  std::lock_guard  lock(m);\n}\n"
                             "#include <mutex_is_here>\n"}}),
              ElementsAre("std::lock_guard lock(m);"));
}

class CheckFilesTest : public ::testing::Test {
 protected:
  CheckFilesTest() {
    Write("README.md", "story");
    Write("scenario.cc",
          "TEST(Counter, StartsAtZero) {}\n"
          "CONCURRENT_TEST(Counter,\n    NoIncrementIsLost) {}\n");
    Write("hints.md", "## a\n## b\n## c\n");
    Write("student/counter.cc", "// TODO\n");
    Write("lab.toml", manifest::kGoodManifest);
    const std::string answers = "solutions/races/lost_update/";
    folder_.Write(answers + "WHY.md", "because");
    folder_.Write(answers + "student/counter.cc", "std::mutex counter_mutex;");
    for (const char* name : {"a", "b", "c", "d"}) {
      folder_.Write(answers + "rejected/" + name + "/expect.toml",
                    "engine = \"model\"\nkind = \"data-race\"\n"
                    "misconception = \"m\"\n");
    }
    for (const char* name : {"a", "b"}) {
      folder_.Write(answers + "accepted/" + name + "/accept.toml",
                    "summary = \"s\"\n");
    }
  }

  void Write(const std::string& name, std::string_view text) {
    folder_.Write("labs/races/lost_update/" + name, text);
  }

  std::vector<std::string> Check() {
    const auto lab = manifest::LoadLab(
        folder_.path(), folder_.path() / "labs/races/lost_update");
    EXPECT_TRUE(lab.ok()) << lab.status();
    const auto solutions = manifest::LoadSolutions(folder_.path(), *lab);
    EXPECT_TRUE(solutions.ok()) << solutions.status();
    std::vector<std::string> told;
    for (const Problem& problem :
         CheckFiles(folder_.path(), *lab, *solutions)) {
      told.push_back(problem.where + ": " + problem.what);
    }
    return told;
  }

  TestFolder folder_;
};

TEST_F(CheckFilesTest, FindNothingAgainstAWholeLab) {
  EXPECT_THAT(Check(), IsEmpty());
}

TEST_F(CheckFilesTest, NameStrayFiles) {
  Write("notes.txt", "x");
  folder_.Write("solutions/races/lost_update/old/counter.cc", "x");
  EXPECT_THAT(
      Check(),
      ElementsAre(HasSubstr("labs/races/lost_update/notes.txt: a stray file"),
                  HasSubstr("solutions/races/lost_update/old: a stray file")));
}

TEST_F(CheckFilesTest, NameAHintThatGivesTheAnswersText) {
  Write("hints.md", "## a\n## b\n## c\nWrite `std::mutex   counter_mutex;`.\n");
  EXPECT_THAT(Check(),
              ElementsAre(HasSubstr("hints.md: a hint gives the answer's text: "
                                    "\"std::mutex counter_mutex;\"")));
}

TEST_F(CheckFilesTest, CountHintsAndAnswers) {
  Write("hints.md", "## a\n");
  std::filesystem::remove_all(folder_.path() /
                              "solutions/races/lost_update/rejected/d");
  std::filesystem::remove_all(folder_.path() /
                              "solutions/races/lost_update/accepted/b");
  EXPECT_THAT(Check(), ElementsAre(HasSubstr("rejected: has 3 answers"),
                                   HasSubstr("accepted: has 1 answers"),
                                   HasSubstr("hints.md: has 1 hints")));
}

TEST_F(CheckFilesTest, HoldTheScenarioAgainstTheManifest) {
  Write("scenario.cc",
        "CONCURRENT_TEST(Counter, NoIncrementIsLost) {}\n"
        "TEST(Counter, Extra) {}\n");
  EXPECT_THAT(Check(),
              ElementsAre(HasSubstr("has no test Counter.StartsAtZero"),
                          HasSubstr("test Counter.Extra earns nothing")));
}

TEST_F(CheckFilesTest, SayWhatIsStillToWrite) {
  Write("README.md", "TO BE WRITTEN: the story");
  std::filesystem::remove(folder_.path() /
                          "solutions/races/lost_update/WHY.md");
  EXPECT_THAT(Check(), ElementsAre(HasSubstr("README.md: is still to write"),
                                   HasSubstr("WHY.md: is missing")));
}

TEST_F(CheckFilesTest, NameWhatASolutionLacksToBeHandedIn) {
  std::filesystem::remove(folder_.path() /
                          "solutions/races/lost_update/student/counter.cc");
  folder_.Write("solutions/races/lost_update/student/.keep", "");
  EXPECT_THAT(Check(), Contains(HasSubstr("lost_update/student/counter.cc: is "
                                          "missing: a solution holds every")));
}

TEST_F(CheckFilesTest, FindLabsThatNameTheirSolutions) {
  Write("README.md", "look into solutions/races");
  Write("student/counter.cc", "int x;");
  EXPECT_THAT(Check(), ElementsAre(HasSubstr("names solutions/"),
                                   HasSubstr("no editable file has a TODO")));
}

TEST_F(CheckFilesTest, SayThatThereAreNoSolutions) {
  std::filesystem::remove_all(folder_.path() / "solutions");
  EXPECT_THAT(
      Check(),
      Contains(HasSubstr("solutions/races/lost_update: does not exist")));
}

TEST(Mark, CallsNothingWrongThatNobodyCouldDecide) {
  Problem wrong;
  Problem undecided;
  undecided.undecided = true;
  EXPECT_EQ(Mark({}), "ok   ");
  EXPECT_EQ(Mark({undecided, undecided}), "?    ");
  EXPECT_EQ(Mark({undecided, wrong}), "WRONG");
}

}  // namespace
}  // namespace racelab::cli
