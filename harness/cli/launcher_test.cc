// ./racelab itself: when it builds, and when it does not. CMake and the program
// are stood in for by scripts that say they were called.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "cli/files.h"
#include "manifest/test_folder.h"
#include "testing/run_program.h"

namespace racelab::cli {
namespace {

namespace fs = std::filesystem;
using manifest::TestFolder;
using racelab::testing::ProgramResult;
using racelab::testing::RunProgram;
using ::testing::HasSubstr;
using ::testing::Not;

class Launcher : public ::testing::Test {
 protected:
  Launcher() {
    fs::copy_file(fs::path(RACELAB_SOURCE) / "racelab",
                  folder_.path() / "racelab");
    folder_.Write("harness/debian-packages.txt", "");
    folder_.Write("harness/a.cc", "");
    folder_.Write("CMakeLists.txt", "");
    folder_.Write("CMakePresets.json", "");
    // Configuring makes build.ninja; building makes the program.
    Script("fake/cmake",
           "echo \"cmake $*\" >> \"$LOG\"\n"
           "if [ \"$1\" = --preset ]; then mkdir -p build; : > "
           "build/build.ninja; exit 0; fi\n"
           "[ ! -e broken ] || { echo 'a.cc:1:1: error: no'; exit 1; }\n"
           "mkdir -p \"$2/bin\"\n"
           "printf '#!/bin/sh\\necho \"program $*\"\\nexit 1\\n' > "
           "\"$2/bin/racelab\"\n"
           "chmod +x \"$2/bin/racelab\"\n"
           "echo '[1/2] Building'; echo '[2/2] Linking'\n");
    Script("fake/ctest", "echo \"ctest $*\"\n");
    Script("fake/dpkg-query", "printf 'install ok installed'\n");
  }

  void Script(const std::string& name, const std::string& text) {
    const fs::path file = folder_.Write(name, "#!/bin/sh\n" + text);
    fs::permissions(file, fs::perms::owner_all);
  }

  ProgramResult Start(std::vector<std::string> words) {
    std::vector<std::string> argv = {
        "env", "CI=", "LOG=" + (folder_.path() / "log").string(),
        "PATH=" + (folder_.path() / "fake").string() + ":/usr/bin:/bin",
        (folder_.path() / "racelab").string()};
    argv.insert(argv.end(), words.begin(), words.end());
    return RunProgram(argv, folder_.path());
  }

  // What CMake was asked for since the last call.
  std::string Log() {
    const std::string log = ReadWhole(folder_.path() / "log").value_or("");
    fs::remove(folder_.path() / "log");
    return log;
  }

  TestFolder folder_;
};

TEST_F(Launcher, BuildsAtTheFirstStartAndNotAtTheSecond) {
  const ProgramResult first = Start({"check", "lost_update"});
  EXPECT_EQ(first.exit_code, 1) << first.err;
  EXPECT_EQ(first.out, "program --root " + folder_.path().string() +
                           " check lost_update\n");
  EXPECT_THAT(first.err, HasSubstr("building the harness [2/2]"));
  const std::string log = Log();
  EXPECT_THAT(log, HasSubstr("cmake --preset default"));
  EXPECT_THAT(log, HasSubstr("--target racelab_ready"));
  const ProgramResult second = Start({"list"});
  EXPECT_EQ(second.err, "");
  EXPECT_EQ(Log(), "");
}

TEST_F(Launcher, BuildsAgainWhenASourceChanged) {
  Start({"list"});
  Log();
  folder_.Write("harness/deep/new.cc", "");
  // The stamp's and the file's times may be the same tick of the clock.
  fs::last_write_time(
      folder_.path() / "harness/deep/new.cc",
      fs::file_time_type::clock::now() + std::chrono::seconds(2));
  Start({"list"});
  const std::string log = Log();
  EXPECT_THAT(log, HasSubstr("--build"));
  EXPECT_THAT(log, Not(HasSubstr("--preset")));
}

TEST_F(Launcher, ShowsWhyABuildFailedAndTriesAgain) {
  folder_.Write("broken", "");
  const ProgramResult failed = Start({"list"});
  EXPECT_EQ(failed.exit_code, 3);
  EXPECT_THAT(failed.err, HasSubstr("a.cc:1:1: error: no"));
  EXPECT_THAT(failed.err, HasSubstr("racelab-build.log"));
  fs::remove(folder_.path() / "broken");
  EXPECT_EQ(Start({"list"}).exit_code, 1);
}

TEST_F(Launcher, PrecompilesAnewWhatAnUpgradeHasReplaced) {
  Start({"list"});
  folder_.Write("build/deep/cmake_pch.hxx.pch", "");
  folder_.Write("harness/b.cc", "");
  fs::last_write_time(
      folder_.path() / "harness/b.cc",
      fs::file_time_type::clock::now() + std::chrono::seconds(2));
  const fs::path built = folder_.path() / "fake/cmake-built";
  fs::rename(folder_.path() / "fake/cmake", built);
  Script("fake/cmake",
         "[ ! -e \"$2/deep/cmake_pch.hxx.pch\" ] || {\n"
         "  echo \"fatal error: file 'errno.h' has been modified since the "
         "precompiled header was built\"; exit 1; }\n"
         "exec \"" +
             built.string() + "\" \"$@\"\n");
  const ProgramResult mended = Start({"list"});
  EXPECT_EQ(mended.exit_code, 1) << mended.err;
  EXPECT_THAT(mended.err, HasSubstr("precompiling them anew"));
  EXPECT_THAT(mended.err, Not(HasSubstr("failed")));
}

TEST_F(Launcher, HelpsWithoutBuilding) {
  for (const char* word : {"--help", "help", "-h"}) {
    const ProgramResult help = Start({word});
    EXPECT_EQ(help.exit_code, 0);
    EXPECT_THAT(help.out, HasSubstr("./racelab check LAB"));
  }
  EXPECT_EQ(Start({"test", "--help"}).exit_code, 0);
  EXPECT_EQ(Log(), "");
}

TEST_F(Launcher, TestBuildsAllAndEndsInCTest) {
  const ProgramResult test = Start({"test", "-R", "Manifest"});
  EXPECT_EQ(test.exit_code, 0) << test.err;
  EXPECT_THAT(Log(), HasSubstr("--target all"));
  EXPECT_EQ(test.out, "ctest --output-on-failure -j 2 -LE long -R Manifest\n");
  EXPECT_EQ(Start({"test", "--everything"}).out,
            "ctest --output-on-failure -j 2\n");
}

TEST_F(Launcher, NamesTheMissingPackagesAndInstallsNothingUnasked) {
  Script("fake/dpkg-query", "exit 1\n");
  Script("fake/apt-get", "echo \"apt-get $*\" >> \"$LOG\"\n");
  Script("fake/id", "echo 1000\n");
  Script("fake/sudo", "exec \"$@\"\n");
  folder_.Write("harness/debian-packages.txt",
                "# a list\nninja-build   # why\n\nrelacy-dev\n");
  const ProgramResult refused = Start({"list"});
  EXPECT_EQ(refused.exit_code, 3);
  EXPECT_THAT(refused.err, HasSubstr("ninja-build relacy-dev"));
  EXPECT_THAT(refused.err, HasSubstr("--yes"));
  EXPECT_EQ(Log(), "");
  EXPECT_EQ(Start({"--yes", "list"}).exit_code, 1);
  EXPECT_THAT(Log(), HasSubstr("apt-get install -y --no-install-recommends "
                               "ninja-build relacy-dev"));
}

}  // namespace
}  // namespace racelab::cli
