// racelab as a person or a grader starts it, on the tiny programs of testdata/:
// exit codes, results and what is left behind.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <ostream>
#include <regex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/files.h"
#include "manifest/test_folder.h"
#include "testing/run_program.h"

namespace racelab::cli {
namespace {

namespace fs = std::filesystem;
using manifest::TestFolder;
using nlohmann::json;
using racelab::testing::Program;
using racelab::testing::ProgramResult;
using racelab::testing::RunProgram;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const fs::path kSource = RACELAB_SOURCE;  // the project
const fs::path kTestdata = kSource / "harness/testdata";
constexpr char kLab[] = "two_threads";
constexpr char kWideLab[] = "side_by_side";
constexpr char kTest[] = "Act.TwiceMakesTwo";

// racelab on a project, with a state of its own; compiled modules are shared by
// all tests.
std::vector<std::string> Racelab(const fs::path& root,
                                 std::vector<std::string> words) {
  std::vector<std::string> argv = {RACELAB_PROGRAM,
                                   "--root",
                                   root,
                                   "--harness",
                                   kSource / "harness",
                                   "--state",
                                   fs::path(RACELAB_TEST_STATE)};
  argv.insert(argv.end(), words.begin(), words.end());
  return argv;
}

struct Cell {
  std::string outcome;
  std::string kind;
};

struct GradeRun {
  ProgramResult program;
  json results;  // null if there is no results.json

  // Of the concurrent test.
  Cell Get(const std::string& engine) const {
    for (const json& test : results["labs"][0]["tests"]) {
      if (test["name"] != kTest) continue;
      for (const json& result : test["results"]) {
        if (result["engine"] != engine) continue;
        return {result["outcome"], result.contains("finding")
                                       ? result["finding"]["kind"]
                                       : json("")};
      }
    }
    return {};
  }
  // The kinds of what building and reading the module found.
  std::vector<std::string> Findings() const {
    std::vector<std::string> kinds;
    for (const json& finding : results["labs"][0]["findings"]) {
      kinds.push_back(finding["kind"]);
    }
    return kinds;
  }
  int points() const { return results["points"]; }
};

GradeRun GradeAnswer(const std::string& submission) {
  TestFolder out;
  GradeRun run;
  run.program =
      RunProgram(Racelab(kTestdata, {"grade", kLab, "--submission",
                                     kTestdata / "submissions" / submission,
                                     "--out", out.path() / "results"}));
  const auto text = ReadWhole(out.path() / "results/results.json");
  if (text.ok()) run.results = json::parse(*text);
  return run;
}

// What a submission must end in: each engine's kind of failure, "" a pass, "?"
// anything (the engine need not see it).
struct Expectation {
  std::string submission;
  std::string tsan;
  std::string stress;
  std::string model;
};

void PrintTo(const Expectation& expectation, std::ostream* out) {
  *out << expectation.submission;
}

class Outcomes : public ::testing::TestWithParam<Expectation> {};

TEST_P(Outcomes, AreTheDeclaredOnes) {
  const Expectation& wanted = GetParam();
  const GradeRun run = GradeAnswer(wanted.submission);
  ASSERT_TRUE(run.results.is_object()) << run.program.err;
  const auto expect = [&](const std::string& engine, const std::string& kind) {
    const Cell cell = run.Get(engine);
    if (kind == "?") return;
    if (kind == "inconclusive") {
      EXPECT_EQ(cell.outcome, kind) << engine;
      return;
    }
    EXPECT_EQ(cell.outcome, kind.empty() ? "pass" : "fail")
        << engine << "\n"
        << run.results["labs"][0]["tests"].dump(1);
    EXPECT_EQ(cell.kind, kind) << engine;
  };
  expect("tsan", wanted.tsan);
  expect("stress", wanted.stress);
  expect("model", wanted.model);
  const bool passes = wanted.submission == "passes";
  if (passes) {
    EXPECT_EQ(run.program.exit_code, 0) << run.program.err;
    EXPECT_EQ(run.points(), 5);
  } else {
    EXPECT_EQ(run.program.exit_code, 1) << run.program.err;
    EXPECT_LT(run.points(), 5);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Each, Outcomes,
    ::testing::Values(Expectation{"passes", "", "", ""},
                      Expectation{"data_race", "data-race", "?", "data-race"},
                      Expectation{"wrong_result", "?", "?", "wrong-result"},
                      Expectation{"deadlock", "?", "?", "deadlock"},
                      Expectation{"livelock", "?", "?", "livelock"},
                      Expectation{"use_after_free", "?", "?", "use-after-free"},
                      Expectation{"double_free", "?", "?", "double-free"},
                      Expectation{"leak", "?", "?", "leak"},
                      Expectation{"misuse", "?", "?", "misuse"},
                      Expectation{"crash", "crash", "crash", "crash"},
                      Expectation{"leaves_early", "crash", "crash", "crash"},
                      Expectation{"loops_for_ever", "?", "?", "livelock"},
                      Expectation{"fills_memory", "?", "crash", "inconclusive"},
                      Expectation{"prints_without_end", "crash", "crash", "?"}),
    [](const auto& info) { return info.param.submission; });

TEST(GradeCommand, GivesTheCompilersWordsForABuildError) {
  const GradeRun run = GradeAnswer("build_error");
  EXPECT_EQ(run.program.exit_code, 1) << run.program.err;
  ASSERT_THAT(run.Findings(), ElementsAre("build-error"));
  const json& finding = run.results["labs"][0]["findings"][0];
  EXPECT_THAT(finding["output"].get<std::string>(),
              HasSubstr("student/answer.cc:3:14"));
  EXPECT_THAT(finding["output"].get<std::string>(), Not(HasSubstr("/tmp")));
  EXPECT_EQ(run.points(), 0);
}

TEST(GradeCommand, RefusesWhatTheLabForbids) {
  for (const char* submission : {"forbidden", "hides"}) {
    const GradeRun run = GradeAnswer(submission);
    EXPECT_EQ(run.program.exit_code, 1) << run.program.err;
    EXPECT_THAT(run.Findings(), ElementsAre("forbidden-construct"))
        << submission;
    EXPECT_EQ(run.points(), 0);
  }
}

TEST(GradeCommand, NamesAMissingFile) {
  const GradeRun run = GradeAnswer("lacks_a_file");
  EXPECT_EQ(run.program.exit_code, 2);
  EXPECT_THAT(run.program.err, HasSubstr("lacks student/answer.cc"));
}

TEST(GradeCommand, RefusesALink) {
  TestFolder folder, out;
  fs::create_directories(folder.path() / "student");
  fs::create_symlink(kTestdata / "submissions/passes/student/answer.cc",
                     folder.path() / "student/answer.cc");
  const ProgramResult run =
      RunProgram(Racelab(kTestdata, {"grade", kLab, "--submission",
                                     folder.path(), "--out", out.path()}));
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err, HasSubstr("symbolic link"));
}

TEST(GradeCommand, WritesNothingIntoASubmission) {
  TestFolder folder, elsewhere;
  fs::create_directories(folder.path() / "student");
  fs::create_directory_symlink(elsewhere.path(), folder.path() / "link");
  fs::create_directory_symlink(folder.path(), elsewhere.path() / "back");
  for (const fs::path& out :
       {folder.path(), folder.path() / "out", folder.path() / "link",
        elsewhere.path() / "back/new/out"}) {
    const ProgramResult run =
        RunProgram(Racelab(kTestdata, {"grade", kLab, "--submission",
                                       folder.path() / "", "--out", out}));
    EXPECT_EQ(run.exit_code, 2) << out;
    EXPECT_THAT(run.err, HasSubstr("lies in the submission")) << out;
  }
  EXPECT_FALSE(fs::exists(folder.path() / "out"));
  // A name that only begins like it is another folder.
  const ProgramResult run = RunProgram(
      Racelab(kTestdata, {"grade", kLab, "--submission", folder.path(), "--out",
                          folder.path().string() + "-out"}));
  EXPECT_THAT(run.err, Not(HasSubstr("lies in the submission")));
  fs::remove_all(folder.path().string() + "-out");
}

TEST(GradeCommand, SendsNoControlCharactersOfANameToTheTerminal) {
  TestFolder folder;
  const ProgramResult run =
      RunProgram(Racelab(kTestdata, {"grade", kLab, "--submission",
                                     folder.path() / "a\x1b[31mb\nc", "--out",
                                     folder.path() / "out"}));
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err, HasSubstr("ab\nc is no folder"));
}

TEST(GradeCommand, SaysThatItCannotWriteBeforeItWorks) {
  TestFolder folder;
  const fs::path file = folder.Write("file", "");
  const ProgramResult run = RunProgram(Racelab(
      kTestdata, {"grade", kLab, "--submission",
                  kTestdata / "submissions/passes", "--out", file / "out"}));
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err, HasSubstr("cannot be written"));
}

// While there is one, we are the parent of every process whose own parent has
// ended before it, whatever group or namespace it went to.
class Orphans {
 public:
  Orphans() { prctl(PR_SET_CHILD_SUBREAPER, 1); }
  Orphans(const Orphans&) = delete;
  Orphans& operator=(const Orphans&) = delete;
  ~Orphans() { prctl(PR_SET_CHILD_SUBREAPER, 0); }

  // The words of those that are still there after half a minute: one that was
  // killed a moment ago may take a while to end.
  std::vector<std::string> WhoStay() const {
    const auto deadline =
        std::chrono::steady_clock::now() + std::chrono::seconds(30);
    for (;;) {
      const pid_t pid = waitpid(-1, nullptr, WNOHANG);
      if (pid < 0 && errno == ECHILD) return {};
      if (pid != 0) continue;
      if (std::chrono::steady_clock::now() > deadline) return KillChildren();
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }

 private:
  static std::vector<std::string> KillChildren() {
    std::vector<std::string> words;
    std::ifstream children(
        absl::StrCat("/proc/self/task/", gettid(), "/children"));
    for (pid_t child; children >> child;) {
      std::ifstream file(absl::StrCat("/proc/", child, "/cmdline"));
      words.emplace_back(std::istreambuf_iterator<char>(file),
                         std::istreambuf_iterator<char>());
      kill(child, SIGKILL);
    }
    if (words.empty()) words.emplace_back("nobody knows who");
    return words;
  }
};

TEST(GradeCommand, AnInterruptLeavesNoProcessAndNoHalfResult) {
  const Orphans orphans;
  TestFolder out;
  Program program(Racelab(kTestdata, {"grade", kLab, "--submission",
                                      kTestdata / "submissions/loops_for_ever",
                                      "--out", out.path()}));
  while (!program.HasChildren() && !program.Ended()) sched_yield();
  program.Signal(SIGINT);
  const ProgramResult run = program.Wait();
  EXPECT_EQ(run.exit_code, 130) << run.err;
  EXPECT_THAT(run.err, HasSubstr("interrupted"));
  EXPECT_THAT(run.err, Not(HasSubstr("harness-error")));
  EXPECT_TRUE(fs::is_empty(out.path()));
  EXPECT_THAT(orphans.WhoStay(), IsEmpty());
}

// An empty state, so that it is the compiler that is interrupted.
TEST(CheckCommand, AnInterruptIsNoTroubleOfTheMachine) {
  const Orphans orphans;
  TestFolder state;
  std::vector<std::string> argv = Racelab(
      kTestdata, {"check", kLab, "--from", kTestdata / "submissions/passes"});
  *std::next(std::find(argv.begin(), argv.end(), "--state")) = state.path();
  Program program(argv);
  while (!program.HasChildren() && !program.Ended()) sched_yield();
  program.Signal(SIGINT);
  const ProgramResult run = program.Wait();
  EXPECT_EQ(run.exit_code, 130) << run.out << run.err;
  EXPECT_EQ(run.out, "");
  // Nor is a sandbox left that had only begun.
  EXPECT_THAT(orphans.WhoStay(), IsEmpty());
}

TEST(CheckCommand, OffersTheNearestLab) {
  const ProgramResult run =
      RunProgram(Racelab(kTestdata, {"check", "two_thread"}));
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err, HasSubstr("did you mean two_threads?"));
}

TEST(CheckCommand, SaysTheSameHoweverManyProcessesShareTheSearch) {
  const auto says = [](const char* submission, const char* jobs) {
    return RunProgram(
        Racelab(kTestdata, {"check", kWideLab, "--jobs", jobs, "--from",
                            kTestdata / "submissions" / submission}));
  };
  const auto executions = [](const ProgramResult& run) {
    std::smatch match;
    const std::regex words("all ([0-9,]+)\n");
    return std::regex_search(run.out, match, words) ? match.str(1) : run.out;
  };
  const ProgramResult alone = says("side_by_side", "1");
  const ProgramResult shared = says("side_by_side", "3");
  EXPECT_EQ(alone.exit_code, 0) << alone.out << alone.err;
  EXPECT_EQ(shared.exit_code, 0) << shared.out << shared.err;
  EXPECT_EQ(executions(alone), "6") << alone.out;
  EXPECT_EQ(executions(shared), executions(alone));
  for (const char* jobs : {"1", "3"}) {
    const ProgramResult run = says("one_at_a_time", jobs);
    EXPECT_EQ(run.exit_code, 1) << run.err;
    EXPECT_THAT(run.out, HasSubstr("No execution reaches two at work at once"));
    EXPECT_THAT(run.out, HasSubstr("scenario.cc:11"));
  }
}

TEST(CheckCommand, PrintsATokenThatReplaysAndIsRefusedForOtherSources) {
  const fs::path answer = kTestdata / "submissions/wrong_result";
  const ProgramResult check =
      RunProgram(Racelab(kTestdata, {"check", kLab, "--from", answer}));
  EXPECT_EQ(check.exit_code, 1) << check.err;
  const size_t at = check.out.find("rl1.");
  ASSERT_NE(at, std::string::npos) << check.out;
  const std::string token =
      check.out.substr(at, check.out.find_first_of(" \n", at) - at);
  const ProgramResult first =
      RunProgram(Racelab(kTestdata, {"replay", token, "--from", answer}));
  const ProgramResult second =
      RunProgram(Racelab(kTestdata, {"replay", token, "--from", answer}));
  EXPECT_EQ(first.exit_code, 1) << first.err;
  EXPECT_THAT(first.out, HasSubstr("Act.TwiceMakesTwo"));
  EXPECT_EQ(first.out, second.out);
  const ProgramResult other =
      RunProgram(Racelab(kTestdata, {"replay", token, "--from",
                                     kTestdata / "submissions/passes"}));
  EXPECT_EQ(other.exit_code, 2) << other.out;
  EXPECT_THAT(RunProgram(Racelab(kTestdata, {"replay", "rl1.nonsense"})).err,
              Not(IsEmpty()));
}

// The rows of the trace are among the stops, in their order and at their lines.
TEST(ReplayCommand, GdbStopsAtEveryStepOfTheTrace) {
  const GradeRun graded = GradeAnswer("wrong_result");
  ASSERT_TRUE(graded.results.is_object()) << graded.program.err;
  json trace;
  std::string token;
  for (const json& test : graded.results["labs"][0]["tests"]) {
    for (const json& result : test["results"]) {
      if (test["name"] == kTest && result["engine"] == "model") {
        trace = result["finding"]["trace"];
        token = result["finding"]["token"];
      }
    }
  }
  ASSERT_TRUE(trace.is_object());
  const TestFolder folder;
  const fs::path temporary = folder.path() / "it's for \"files\" & $more";
  fs::create_directory(temporary);
  std::vector<std::string> argv = {
      "/bin/sh", "-c", "yes continue | head -n 300 | TMPDIR=\"$0\" \"$@\"",
      temporary};
  for (std::string& word :
       Racelab(kTestdata, {"replay", token, "--gdb", "--from",
                           kTestdata / "submissions/wrong_result"})) {
    argv.push_back(std::move(word));
  }
  const ProgramResult run = RunProgram(argv);
  EXPECT_EQ(run.exit_code, 0) << run.err;
  size_t at = 0;
  int rows = 0;
  for (const json& step : trace["steps"]) {
    const int thread = step["thread"];
    const json& where = step["where"];
    if (!where.contains("line")) continue;
    const std::string stop = absl::StrCat(
        ": ", thread == 0 ? "main" : absl::StrCat("T", thread), " at ",
        where["file"].get<std::string>(), ":", where["line"].get<int>(), "\n");
    at = run.out.find(stop, at);
    ASSERT_NE(at, std::string::npos)
        << "row " << rows << stop << run.out << run.err << trace.dump(1);
    ++at;
    ++rows;
  }
  EXPECT_GE(rows, 4) << trace.dump(1);
}

TEST(HelpOption, HasExamplesForEveryCommand) {
  for (const char* command : {"check", "watch", "hint", "reset", "replay",
                              "grade", "verify", "new", "handout"}) {
    const ProgramResult run =
        RunProgram(Racelab(kTestdata, {command, "--help"}));
    EXPECT_EQ(run.exit_code, 0) << command;
    EXPECT_THAT(run.out, HasSubstr("Example")) << command;
  }
  EXPECT_EQ(RunProgram(Racelab(kTestdata, {"frobnicate"})).exit_code, 2);
  EXPECT_EQ(RunProgram(Racelab(kTestdata, {})).exit_code, 2);
}

TEST(Output, ThatCannotBeWrittenIsTold) {
  const auto list_into = [](const std::string& where) {
    std::vector<std::string> argv = {"/bin/sh", "-c", "\"$@\" " + where, "sh"};
    for (std::string& word : Racelab(kTestdata, {"list"})) {
      argv.push_back(std::move(word));
    }
    return RunProgram(argv);
  };
  const ProgramResult full = list_into("> /dev/full");
  EXPECT_EQ(full.exit_code, 3);
  EXPECT_THAT(full.err, HasSubstr("could not be written"));
  EXPECT_EQ(list_into("| true").err, "");
}

}  // namespace
}  // namespace racelab::cli
