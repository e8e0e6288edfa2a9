#include "build/compile.h"

#include <filesystem>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "build/cache.h"
#include "build/testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "manifest/test_folder.h"
#include "sandbox/sandbox.h"

namespace racelab::build {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

// A unit and a module, by tools that are scripts.
class ToolTest : public testing::Test {
 protected:
  ToolTest() {
    EXPECT_TRUE(MakeFolder(tools_).ok());
    EXPECT_TRUE(MakeFolder(folder_.path() / "src/student").ok());
    workshop_.toolchain.compiler = Compiler::kGcc12;
    workshop_.include = tools_;
  }

  void Script(const std::string& name, const std::string& text) const {
    EXPECT_TRUE(WriteFile(tools_ / name, "#!/bin/sh\n" + text + "\n").ok());
    fs::permissions(tools_ / name, fs::perms(0755));
  }

  // What becomes of a compiler that runs the script, where the labkit's headers
  // lie.
  absl::StatusOr<ToolResult> MustCompile(const std::string& script) {
    Script("g++-12", script);
    auto cache = Cache::Open(folder_.path() / "cache", 1 << 30);
    EXPECT_TRUE(cache.ok()) << cache.status();
    workshop_.cache = &*cache;
    workshop_.toolchain.path = "/racelab/include/g++-12";
    return Compile(workshop_, folder_.path() / "src",
                   {.file = "student/counter.cc", .student = true});
  }

  // Without the sandbox, which hides the script from linkers.
  absl::StatusOr<ToolResult> MustLink(const std::string& script) {
    Script("g++-12", script);
    auto cache = Cache::Open(folder_.path() / "cache", 1 << 30);
    EXPECT_TRUE(cache.ok()) << cache.status();
    workshop_.cache = &*cache;
    workshop_.no_sandbox = true;
    workshop_.toolchain.linker = tools_ / "g++-12";
    return Link(workshop_, {"student/counter.cc"}, {"no object"});
  }

  const manifest::TestFolder folder_;
  const fs::path tools_ = folder_.path() / "tools";
  Workshop workshop_;
};

TEST_F(ToolTest, KilledFromOutsideIsNobodysMistake) {
  for (const char* signal : {"KILL", "TERM"}) {
    EXPECT_EQ(
        MustCompile(std::string("kill -") + signal + " $$").status(),
        absl::UnavailableError(
            std::string("the compiler was killed from outside: it ended "
                        "by signal ") +
            (signal == std::string("KILL") ? "9" : "15") + " (SIG" + signal +
            "); see whether the machine ran out of memory, and try "
            "again"));
  }
  // A driver tells of its child in words.
  Script("cc1plus", "kill -KILL $$");
  Script("ld.lld", "kill -KILL $$");
  const auto compiled = MustCompile(
      "exec /usr/bin/g++-12 -B/racelab/include/ -c -x c++ /dev/null "
      "-o /tmp/x.o");
  EXPECT_TRUE(absl::IsUnavailable(compiled.status()))
      << (compiled.ok() ? compiled->diagnostics : "");
  const auto linked =
      MustLink("exec /usr/bin/g++-12 -B" + tools_.string() + "/ \"$@\"");
  EXPECT_TRUE(absl::IsUnavailable(linked.status()))
      << (linked.ok() ? linked->diagnostics : "");
}

TEST_F(ToolTest, EndedByItsInputIsTheStudents) {
  const auto crashed = MustCompile("kill -SEGV $$");
  ASSERT_TRUE(crashed.ok()) << crashed.status();
  EXPECT_TRUE(crashed->stopped);
  EXPECT_THAT(crashed->diagnostics,
              HasSubstr("it was killed by signal 11 (SIGSEGV)."));
  Script("cc1plus", "kill -SEGV $$");
  const auto child = MustCompile(
      "exec /usr/bin/g++-12 -B/racelab/include/ -c -x c++ /dev/null "
      "-o /tmp/x.o");
  ASSERT_TRUE(child.ok()) << child.status();
  EXPECT_FALSE(child->ok);
}

TEST_F(ToolTest, FindsAFullDiskOrAQuotaByTrying) {
  for (const std::string words :
       {"No space left on device", "Disk quota exceeded"}) {
    const std::string script = "echo 'as: " + words + "' >&2; exit 1";
    const auto with_room = MustCompile(script);
    ASSERT_TRUE(with_room.ok()) << with_room.status();
    EXPECT_FALSE(with_room->ok);
    const auto full = OnSmallDisk(folder_.path() / "cache", "400k",
                                  [&] { return MustCompile(script).status(); });
    EXPECT_THAT(full, HasSubstr("RESOURCE_EXHAUSTED"));
  }
}

class EndedFromOutsideTest : public testing::Test {
 protected:
  EndedFromOutsideTest() { run_.code = 1; }

  bool Ended(const std::string& said) {
    run_.err = said;
    return absl::IsUnavailable(
        EndedFromOutside(run_, limits_, "/usr/bin/g++-12"));
  }

  sandbox::RunResult run_;
  const sandbox::Limits limits_;
};

TEST_F(EndedFromOutsideTest, ReadsADriversLastWords) {
  EXPECT_TRUE(
      Ended("student/a.cc:1:1: warning: w\n"
            "g++-12: fatal error: Killed signal terminated program cc1plus\n"
            "compilation terminated.\n"));
  EXPECT_TRUE(
      Ended("g++-12: fatal error: Terminated signal terminated program as\n"
            "compilation terminated.\n"));
  EXPECT_TRUE(
      Ended("collect2: fatal error: ld terminated with signal 9 [Killed]\n"
            "compilation terminated.\n"));
  EXPECT_FALSE(
      Ended("collect2: fatal error: ld terminated with signal 11 "
            "[Segmentation fault]\ncompilation terminated.\n"));
  run_.err =
      "clang++-19: error: unable to execute command: Killed\n"
      "clang++-19: error: linker command failed due to signal (use -v to see "
      "invocation)\n";
  EXPECT_TRUE(absl::IsUnavailable(
      EndedFromOutside(run_, limits_, "/usr/bin/clang++-19")));
  EXPECT_FALSE(Ended(""));
}

// Compilers print a student's strings as they are, and where #line names no
// file, no line of it after them.
TEST_F(EndedFromOutsideTest, TakesNoStudentsWordForIt) {
  const std::string killed =
      "\ng++-12: fatal error: Killed signal terminated program cc1plus\n"
      "compilation terminated.\n";
  EXPECT_TRUE(Ended(killed));
  EXPECT_FALSE(Ended("x:1:1: error: static assertion failed: " + killed));
  EXPECT_FALSE(Ended("x:1: Error: no such instruction: " + killed));
  EXPECT_FALSE(Ended(killed + "    1 | static_assert(false)\n"));
}

TEST_F(EndedFromOutsideTest, TellsTheMachinesLimitFromTheInputs) {
  using End = sandbox::RunResult::End;
  const std::string killed =
      "g++-12: fatal error: Killed signal terminated program cc1plus\n"
      "compilation terminated.\n";
  run_.cpu_seconds = limits_.cpu_seconds;
  EXPECT_FALSE(Ended(killed));
  for (const End end : {End::kCpuLimit, End::kMemoryLimit, End::kOutputLimit}) {
    run_.end = end;
    EXPECT_FALSE(Ended("")) << static_cast<int>(end);
  }
  run_.end = End::kWallLimit;
  run_.cpu_seconds = 1.25;
  EXPECT_THAT(EndedFromOutside(run_, limits_, "g++").message(),
              HasSubstr("not finished after 10 seconds, in which the machine "
                        "gave it 1.2 of cpu time; "));
}

}  // namespace
}  // namespace racelab::build
