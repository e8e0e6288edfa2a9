#include "report/terminal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>

#include "report/github.h"
#include "report/testing.h"
#include "report/text.h"

namespace racelab::report {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string Golden(const std::string& name) {
  std::ifstream stream(std::string(RACELAB_REPORT_TESTDATA) + "/" + name);
  std::stringstream text;
  text << stream.rdbuf();
  return text.str();
}

std::string Plain(const RunReport& run, int width = 80) {
  TerminalOptions options;
  options.width = width;
  return Terminal(run, options);
}

size_t WidestLine(const std::string& text) {
  size_t widest = 0;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    widest = std::max(widest, Width(line));
  }
  return widest;
}

TEST(Terminal, TellsARunAt80Columns) {
  EXPECT_EQ(Plain(ExampleRun(), 80), Golden("terminal_80.txt"));
}

TEST(Terminal, TellsARunAt120Columns) {
  EXPECT_EQ(Plain(ExampleRun(), 120), Golden("terminal_120.txt"));
}

TEST(Terminal, TellsARunInAscii) {
  TerminalOptions options;
  options.unicode = false;
  const std::string text = Terminal(ExampleRun(), options);
  EXPECT_EQ(text, Golden("terminal_ascii.txt"));
  for (const char c : text) EXPECT_TRUE(c == '\n' || (c >= ' ' && c <= '~'));
}

TEST(Terminal, SaysWithinWhichLimitsASearchIsExhaustive) {
  RunReport run = ExampleRun();
  const std::string clause = "spurious wake-ups: at most 1 a thread";
  EXPECT_EQ(Terminal(run, {}).find(clause), std::string::npos);
  bool found = false;
  for (LabReport& lab : run.labs) {
    for (TestReport& test : lab.tests) {
      for (verdict::TestResult& result : test.results) {
        if (result.outcome != verdict::Outcome::kPass ||
            result.evidence.strength !=
                verdict::Evidence::Strength::kExhausted) {
          continue;
        }
        result.evidence.executions = 124;
        result.evidence.limits = {clause};
        found = true;
      }
    }
  }
  ASSERT_TRUE(found);
  const std::string text = Terminal(run, {});
  EXPECT_NE(text.find("all 124*"), std::string::npos) << text;
  EXPECT_NE(text.find("*: within limits"), std::string::npos) << text;
  EXPECT_NE(GithubSummary(run).find("all 124 executions \\(spurious"),
            std::string::npos);
}

TEST(Terminal, ExplainsTheWordsThatStandInTheTableOnly) {
  RunReport run = ExampleRun();
  run.labs.resize(1);
  std::vector<verdict::TestResult*> exhausted;
  for (TestReport& test : run.labs[0].tests) {
    for (verdict::TestResult& result : test.results) {
      if (result.outcome == verdict::Outcome::kPass &&
          result.evidence.strength == verdict::Evidence::Strength::kExhausted) {
        exhausted.push_back(&result);
      }
    }
  }
  ASSERT_FALSE(exhausted.empty());
  for (verdict::TestResult* result : exhausted) {
    result->evidence.executions = 1;
  }
  EXPECT_THAT(Terminal(run, {}), Not(HasSubstr("all N")));
  exhausted.front()->evidence.executions = 2;
  EXPECT_THAT(Terminal(run, {}), HasSubstr("all N"));
}

TEST(Terminal, KeepsWithinItsWidth) {
  for (const int width : {80, 100, 120, 160}) {
    EXPECT_LE(WidestLine(Plain(ExampleRun(), width)),
              static_cast<size_t>(width));
  }
}

TEST(Terminal, ColorsOnlyWhenAskedTo) {
  TerminalOptions options;
  EXPECT_THAT(Terminal(ExampleRun(), options), Not(HasSubstr("\x1b")));
  options.color = true;
  const std::string colored = Terminal(ExampleRun(), options);
  EXPECT_THAT(colored, HasSubstr("\x1b[31m"));
  // Color changes nothing else.
  std::string stripped;
  for (size_t i = 0; i < colored.size(); ++i) {
    if (colored[i] == '\x1b') {
      i = colored.find('m', i);
    } else {
      stripped += colored[i];
    }
  }
  options.color = false;
  std::istringstream a(stripped);
  std::istringstream b(Terminal(ExampleRun(), options));
  for (std::string x, y; std::getline(b, y);) {
    ASSERT_TRUE(std::getline(a, x));
    while (x.ends_with(' ')) x.pop_back();
    EXPECT_EQ(x, y);
  }
}

TEST(Terminal, LetsNoStudentWriteToTheTerminalOrTheLog) {
  const std::string text = Plain(HostileRun());
  for (const char c : text) {
    ASSERT_FALSE((c >= 0 && c < ' ' && c != '\n') || c == 0x7f);
  }
  EXPECT_EQ(ValidUtf8(text), text);
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    const size_t start = line.find_first_not_of(' ');
    if (start != line.npos) {
      EXPECT_NE(line.compare(start, 2, "::"), 0) << line;
    }
  }
}

TEST(Terminal, SurvivesATraceThatNamesNoThreads) {
  RunReport run = ExampleRun();
  run.labs[0].tests[1].results[2].finding->trace->threads.clear();
  EXPECT_THAT(Plain(run), HasSubstr("Data race on counter"));
}

TEST(Terminal, ShowsAccessesWhereThereIsNoInterleaving) {
  RunReport run = ExampleRun();
  run.labs[0].tests[1].results.pop_back();
  EXPECT_THAT(Plain(run),
              AllOf(HasSubstr("T1 writes 4 bytes, holding no lock"),
                    HasSubstr("at counter.cc:7  counter = seen + 1;"),
                    HasSubstr("T2 reads 4 bytes")));
}

TEST(Terminal, ShowsWhatTheCompilerSaid) {
  RunReport run = ExampleRun();
  verdict::Finding finding;
  finding.kind = verdict::FailureKind::kBuildError;
  finding.message = "student/counter.cc does not compile.";
  finding.output = "student/counter.cc:3:1: error: unknown type name 'itn'\n";
  run.labs[0].findings = {finding};
  for (TestReport& test : run.labs[0].tests) test.results.clear();
  EXPECT_THAT(Plain(run), AllOf(HasSubstr("It does not compile"),
                                HasSubstr("error: unknown type name 'itn'")));
}

TEST(Terminal, SaysWhatCouldNotBeJudgedAndWhatHelps) {
  RunReport run = ExampleRun();
  verdict::TestResult& result = run.labs[1].tests[0].results[0];
  result.outcome = verdict::Outcome::kInconclusive;
  result.reason = "The budget of 5 s was spent.";
  result.mend = "Give it more time: --budget 4.";
  run.labs[1].outcome = verdict::Outcome::kInconclusive;
  EXPECT_THAT(Plain(run),
              AllOf(HasSubstr("? inconclusive"),
                    HasSubstr("inconclusive. The budget of 5 s was spent."),
                    HasSubstr("What helps: Give it more time")));
}

TEST(TerminalFinding, TellsOneFinding) {
  const RunReport run = ExampleRun();
  const std::string text = TerminalFinding(
      *run.labs[0].tests[1].results[2].finding, run.labs[0], {});
  EXPECT_THAT(
      text, AllOf(HasSubstr("Data race on counter"), HasSubstr("reads counter"),
                  HasSubstr("no happens-before edge")));
}

// Sets a variable of the environment for a scope.
class ScopedEnv {
 public:
  ScopedEnv(const char* name, const char* value) : name_(name) {
    if (const char* before = getenv(name)) before_ = before, set_ = true;
    value == nullptr ? unsetenv(name) : setenv(name, value, 1);
  }
  ~ScopedEnv() { set_ ? setenv(name_, before_.c_str(), 1) : unsetenv(name_); }

 private:
  const char* const name_;
  std::string before_;
  bool set_ = false;
};

TEST(TerminalOptionsFor, TakesUnicodeFromTheLocaleAndColorFromTheTerminal) {
  int pipe_ends[2];
  ASSERT_EQ(pipe(pipe_ends), 0);
  const ScopedEnv all("LC_ALL", nullptr);
  const ScopedEnv type("LC_CTYPE", nullptr);
  const ScopedEnv columns("COLUMNS", "97");
  {
    const ScopedEnv lang("LANG", "C");
    const TerminalOptions options = TerminalOptionsFor(pipe_ends[1]);
    EXPECT_FALSE(options.unicode);
    EXPECT_FALSE(options.color);
    EXPECT_EQ(options.width, 97);
  }
  const ScopedEnv lang("LANG", "C.UTF-8");
  EXPECT_TRUE(TerminalOptionsFor(pipe_ends[1]).unicode);
  close(pipe_ends[0]);
  close(pipe_ends[1]);
}

}  // namespace
}  // namespace racelab::report
