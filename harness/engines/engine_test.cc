#include "engines/engine.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "engines/gdb_script.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "manifest/test_folder.h"
#include "sandbox/sandbox.h"

namespace racelab::engines {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using verdict::Engine;
using verdict::FailureKind;
using verdict::Outcome;
using verdict::TestResult;

// A lab of three tests, judged by a fake runner that does what the "module"
// says.
class EngineTest : public testing::Test {
 protected:
  EngineTest() {
    fs::permissions(root_, fs::perms(0755));  // the sandbox's user reads it
    fs::create_directory(root_ / "src");
    for (const char* engine : {"model", "tsan", "stress"}) {
      fs::copy_file(RACELAB_FAKE_RUNNER,
                    root_ / (std::string("runner.") + engine));
    }
    lab_.name = "counter";
    for (const char* test : {"Suite.A", "Suite.B", "Suite.C"}) {
      manifest::Test& added = lab_.tests.emplace_back();
      added.name = test;
      added.engines = {Engine::kModel, Engine::kTsan, Engine::kStress};
      added.model.seconds = 0.2;
      added.tsan.seconds = 0.2;
    }
    modules_.instrumented = root_ / "instrumented";
    modules_.native = root_ / "native";
    modules_.source_root = root_ / "src";
    modules_.source_hash = "0123456789abcdef";
    options_.runners = root_;
    Module("");
  }

  void Module(const std::string& deeds) {
    std::ofstream(modules_.instrumented) << deeds;
    std::ofstream(modules_.native) << deeds;
  }

  std::vector<TestResult> MustRun(Engine engine = Engine::kModel) {
    auto results = RunEngine(engine, lab_, modules_, options_);
    EXPECT_TRUE(results.ok()) << results.status();
    EXPECT_THAT(*results, SizeIs(options_.tests.empty() ? 3 : 1));
    return *std::move(results);
  }

  // The result of Suite.B alone.
  TestResult MustRunB(const std::string& deeds,
                      Engine engine = Engine::kModel) {
    Module(deeds);
    options_.tests = {"Suite.B"};
    return MustRun(engine).at(0);
  }

  const manifest::TestFolder folder_;
  const fs::path root_ = folder_.path();
  manifest::Lab lab_;
  build::Modules modules_;
  RunOptions options_;
};

TEST_F(EngineTest, PassesWhatTheRunnerPasses) {
  std::vector<std::string> begun;
  options_.on_begin = [&](std::string_view test) { begun.emplace_back(test); };
  for (const TestResult& result : MustRun()) {
    EXPECT_EQ(result.outcome, Outcome::kPass) << result.reason;
    EXPECT_EQ(result.evidence.executions, 10);
  }
  EXPECT_THAT(begun, testing::ElementsAre("Suite.A", "Suite.B", "Suite.C"));
}

TEST_F(EngineTest, GivesAFailureItsToken) {
  const TestResult result = MustRunB("Suite.B=fail");
  EXPECT_EQ(result.outcome, Outcome::kFail);
  EXPECT_EQ(result.finding->kind, FailureKind::kDataRace);
  EXPECT_THAT(result.finding->token, testing::StartsWith("rl1.counter."));
}

// A person pastes it into a shell.
TEST_F(EngineTest, TakesNoTokenFromARecord) {
  std::ofstream(root_ / "runner.model") << R"(#!/bin/sh
read -r request <&3
nonce=${request#*\"nonce\":\"}
nonce=${nonce%%\"*}
seq=0
say() {
  echo "{\"nonce\":\"$nonce\",\"seq\":$seq,$1}" >&3
  seq=$((seq + 1))
}
say '"type":"hello","engine":"model"'
say '"type":"tests","tests":[]'
say '"type":"begin","test":"Suite.B"'
result='"test":"Suite.B","engine":"model","outcome":"fail"'
finding='"kind":"data-race","message":"a race","token":"rl1.; reboot"'
say "\"type\":\"result\",\"result\":{$result,\"finding\":{$finding}}"
say '"type":"done","canary":true'
)";
  const TestResult result = MustRunB("");
  ASSERT_EQ(result.outcome, Outcome::kFail) << result.reason;
  ASSERT_EQ(result.finding->message, "a race");
  EXPECT_EQ(result.finding->token, "");
}

TEST_F(EngineTest, BlamesACrashOnTheTestThatRan) {
  Module("Suite.B=crash");
  const auto results = MustRun();
  EXPECT_EQ(results[0].outcome, Outcome::kPass);
  EXPECT_EQ(results[1].outcome, Outcome::kFail);
  EXPECT_EQ(results[1].finding->kind, FailureKind::kCrash);
  EXPECT_THAT(results[1].finding->message, HasSubstr("SIGSEGV"));
  EXPECT_EQ(results[2].outcome, Outcome::kPass);
}

TEST_F(EngineTest, FailsWhoLeavesEarly) {
  for (const char* deed : {"Suite.B=exit", "start=exit-while-loading"}) {
    const TestResult result = MustRunB(deed);
    EXPECT_EQ(result.outcome, Outcome::kFail) << deed;
    EXPECT_THAT(result.finding->message, HasSubstr("exit code 0"));
  }
}

TEST_F(EngineTest, FailsWhoForges) {
  for (const char* deed :
       {"other-nonce", "skip-a-number", "garbage", "twice", "other-test",
        "pass-with-finding", "done-at-once", "flood"}) {
    const TestResult result = MustRunB(std::string("Suite.B=") + deed);
    EXPECT_EQ(result.outcome, Outcome::kFail) << deed;
    EXPECT_EQ(result.finding->kind, FailureKind::kForbiddenConstruct) << deed;
  }
}

TEST_F(EngineTest, NeverPassesWithoutAnOrderlyEnd) {
  for (const char* deed : {"end=crash", "end=exit", "end=code"}) {
    EXPECT_EQ(MustRunB(deed).outcome, Outcome::kInconclusive) << deed;
  }
  EXPECT_EQ(MustRunB("end=silenced engine=tsan", Engine::kTsan).outcome,
            Outcome::kInconclusive);
  EXPECT_NE(MustRunB("Suite.B=mute").outcome, Outcome::kPass);
}

TEST_F(EngineTest, IsUndecidedAboutATestThatDoesNotEnd) {
  bool begun = false;
  options_.on_begin = [&begun](std::string_view) { begun = true; };
  TestResult result;
  // Ends the run early, but not before the test has begun: a busy machine may
  // need the whole time of a run until then, or more.
  for (double seconds = -2.8; !begun && seconds < 60; seconds += 4) {
    lab_.tests[1].model.seconds = seconds;
    result = MustRunB("Suite.B=hang");
  }
  EXPECT_EQ(result.outcome, Outcome::kInconclusive);
  EXPECT_THAT(result.reason, HasSubstr("not finished"));
}

TEST_F(EngineTest, FailsWhoPrintsWithoutEnd) {
  const TestResult result = MustRunB("Suite.B=print");
  EXPECT_EQ(result.outcome, Outcome::kFail);
  EXPECT_THAT(result.finding->message, HasSubstr("printed more than"));
}

TEST_F(EngineTest, KeepsOurTroubleApart) {
  EXPECT_EQ(MustRunB("start=crash").outcome, Outcome::kHarnessError);
  EXPECT_EQ(MustRunB("Suite.B=killed").outcome, Outcome::kHarnessError);
  const TestResult error = MustRunB("start=error");
  EXPECT_EQ(error.outcome, Outcome::kInconclusive);
  EXPECT_EQ(error.reason, "no room");
  EXPECT_EQ(error.mend, "make some");
  fs::remove(root_ / "runner.model");
  const TestResult missing = MustRunB("");
  EXPECT_EQ(missing.outcome, Outcome::kHarnessError);
  EXPECT_THAT(missing.reason, HasSubstr("runner.model"));
  EXPECT_THAT(missing.mend, HasSubstr("build"));
}

TEST_F(EngineTest, HandsTheManifestsOptionsOn) {
  lab_.tests[1].model.strategy = "bounded";
  lab_.tests[1].model.executions = 1000;
  options_.budget = 0.5;
  const std::string options = MustRunB("Suite.B=options").evidence.detail;
  EXPECT_THAT(options, HasSubstr("\"strategy\":\"bounded\""));
  EXPECT_THAT(options, HasSubstr("\"executions\":500"));
  EXPECT_THAT(options, HasSubstr("\"seconds\":0.1"));
}

TEST_F(EngineTest, AddsUpTheShardsOfASearch) {
  options_.jobs = 2;
  for (const TestResult& result : MustRun()) {
    EXPECT_EQ(result.outcome, Outcome::kPass);
    EXPECT_EQ(result.evidence.executions, 20);
  }
  Module("Suite.A=fail");
  EXPECT_EQ(MustRun()[0].outcome, Outcome::kFail);
}

TEST_F(EngineTest, RunsStressNativelyAndInstrumented) {
  std::ofstream(modules_.native) << "engine=stress";
  std::ofstream(modules_.instrumented) << "engine=stress Suite.C=fail";
  const auto results = MustRun(Engine::kStress);
  EXPECT_EQ(results[0].outcome, Outcome::kPass);
  EXPECT_EQ(results[0].evidence.executions, 20);
  EXPECT_EQ(results[2].outcome, Outcome::kFail);
}

TEST_F(EngineTest, ReplaysATokenOfTheseSourcesOnly) {
  const std::string token = MustRunB("Suite.B=fail").finding->token;
  const auto again = Replay(token, lab_, modules_, options_);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->finding->token, token);
  modules_.source_hash = "fedcba9876543210";
  EXPECT_THAT(Replay(token, lab_, modules_, options_).status().message(),
              HasSubstr("sources have changed"));
  lab_.name = "other";
  EXPECT_THAT(Replay(token, lab_, modules_, options_).status().message(),
              HasSubstr("of the lab counter"));
}

TEST_F(EngineTest, RefusesATestThatTheLabDoesNotHave) {
  options_.tests = {"Suite.Z"};
  EXPECT_EQ(RunEngine(Engine::kModel, lab_, modules_, options_).status().code(),
            absl::StatusCode::kInvalidArgument);
}

// What gdb makes of names of files, by the script's own function.
TEST(GdbScript, KnowsTheStudentsFilesByRelativeNames) {
  ASSERT_EQ(access("/usr/bin/gdb", X_OK), 0)
      << "install gdb: it is in harness/debian-packages.txt";
  const std::string_view script = kGdbScript;
  const size_t begin = script.find("python\n");
  const size_t end = script.find("\nend\n", begin);
  const manifest::TestFolder folder;
  const fs::path names = folder.path() / "names";
  const fs::path file =
      folder.Write("script", std::string(script.substr(begin, end - begin)) +
                                 R"(
class Frame:
    def __init__(self, filename):
        self.filename = filename
        self.symtab = self
    def find_sal(self):
        return self
with open(")" + names.string() + R"(", "w") as out:
    for name in ("student/a.cc", "./student/b/a.h", "././scenario.cc",
                 "/home/student/racelab/harness/world.cc",
                 "/home/student/scenario.cc", "harness/student/a.cc"):
        print(name_of(Frame(name)), file=out)
end
)");
  sandbox::Command command;
  command.argv = {"/usr/bin/gdb", "-q", "-nx", "-batch", "-x", file};
  ASSERT_TRUE(sandbox::RunInteractive(command).ok());
  std::ifstream stream(names);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(stream), {}),
            "student/a.cc\nstudent/b/a.h\nscenario.cc\nNone\nNone\nNone\n");
}

}  // namespace
}  // namespace racelab::engines
