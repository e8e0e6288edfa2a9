// What a student and an instructor do with racelab, on projects of the test's
// own: hints, reset, list; a new lab, and "Add a lab" followed literally.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <regex>
#include <string>
#include <vector>

#include "cli/files.h"
#include "manifest/test_folder.h"
#include "manifest/text.h"
#include "testing/run_program.h"

namespace racelab::cli {
namespace {

namespace fs = std::filesystem;
using manifest::Cat;
using manifest::TestFolder;
using racelab::testing::Program;
using racelab::testing::ProgramResult;
using racelab::testing::RunProgram;
using ::testing::HasSubstr;
using ::testing::Not;

const fs::path kSource = RACELAB_SOURCE;

// A project of one lab, with racelab's launcher replaced by a link to the
// program that was built.
class Project : public ::testing::Test {
 protected:
  Project() {
    Write("labs/races/lost_update/lab.toml", manifest::kGoodManifest);
    Write("labs/races/lost_update/student/counter.cc", "starter\n");
    Write("labs/races/lost_update/hints.md", "## One\nAsk.\n\n## Two\nDo.\n");
    Write("racelab", Cat("#!/bin/sh\nexec ", RACELAB_PROGRAM, " --harness ",
                         (kSource / "harness").string(), " \"$@\"\n"));
    fs::permissions(folder_.path() / "racelab", fs::perms::owner_all);
  }

  void Write(const std::string& name, std::string_view text) {
    folder_.Write(name, text);
  }
  std::string Read(const std::string& name) {
    return ReadWhole(folder_.path() / name).value_or("(missing)");
  }
  ProgramResult Racelab(std::vector<std::string> words) {
    words.insert(words.begin(), "./racelab");
    return RunProgram(words, folder_.path());
  }

  TestFolder folder_;
};

TEST_F(Project, ShowsHintsOneByOneAndRemembers) {
  const ProgramResult first = Racelab({"hint", "lost_update"});
  EXPECT_EQ(first.exit_code, 0) << first.err;
  EXPECT_THAT(first.out, HasSubstr("## One"));
  EXPECT_THAT(first.out, Not(HasSubstr("## Two")));
  EXPECT_THAT(Racelab({"hint", "lost_update"}).out, HasSubstr("## Two"));
  const ProgramResult after = Racelab({"hint", "lost_update"});
  EXPECT_THAT(after.out, HasSubstr("## One"));
  EXPECT_THAT(after.out, HasSubstr("These are all 2 hints"));
}

TEST_F(Project, ResetKeepsTheWorkAndSaysWhere) {
  Write("labs/races/lost_update/student/counter.h", "the lab's");
  Racelab({"list"});
  Write("labs/races/lost_update/student/counter.h", "another");
  Write("labs/races/lost_update/student/helper.h", "mine");
  Write("labs/races/lost_update/student/counter.cc", "my work\n");
  const ProgramResult reset = Racelab({"reset", "lost_update"});
  EXPECT_EQ(reset.exit_code, 0) << reset.err;
  EXPECT_EQ(Read("labs/races/lost_update/student/counter.cc"), "starter\n");
  const size_t at = reset.out.find(".racelab/kept/");
  ASSERT_NE(at, std::string::npos) << reset.out;
  const std::string kept = reset.out.substr(at, reset.out.find('\n', at) - at);
  EXPECT_EQ(Read(kept + "/student/counter.cc"), "my work\n");
  EXPECT_EQ(Read("labs/races/lost_update/student/counter.h"), "the lab's");
  EXPECT_EQ(Read(kept + "/student/counter.h"), "another");
  EXPECT_EQ(Read("labs/races/lost_update/student/helper.h"), "mine");
  EXPECT_THAT(Racelab({"reset", "lost_update"}).out,
              HasSubstr("is the starter already"));
}

TEST_F(Project, ListsLabsByModuleWithTheirState) {
  Write("labs/races/module.toml", "title = \"Races\"\norder = 1\n");
  Write(".racelab/state/races/lost_update.json",
        R"({"hints_shown":0,"last_check":{"outcome":"fail","points":3,)"
        R"("max_points":7,"at":"2026-01-01T00:00:00Z","digest":"x"}})");
  const ProgramResult list = Racelab({"list"});
  EXPECT_EQ(list.exit_code, 0) << list.err;
  EXPECT_THAT(list.out, HasSubstr("Races\n"));
  EXPECT_THAT(list.out, HasSubstr("- lost_update  3 of 7, edited"));
  EXPECT_THAT(list.out, HasSubstr("A counter is read,"));
}

TEST_F(Project, NamesTheOptionThatIsNone) {
  const ProgramResult none = Racelab({"--vresion"});
  EXPECT_EQ(none.exit_code, 2);
  EXPECT_THAT(none.err, HasSubstr("--vresion"));
  const ProgramResult nothing = Racelab({});
  EXPECT_EQ(nothing.exit_code, 2);
  EXPECT_THAT(nothing.err, HasSubstr("subcommand is required"));
  const ProgramResult version = Racelab({"--version"});
  EXPECT_EQ(version.exit_code, 0);
  EXPECT_EQ(version.out, "racelab 0.1\n");
}

TEST_F(Project, ReportsAManifestWithItsLineAndShowsTheOtherLabs) {
  Write("labs/races/broken/lab.toml", "shema = 1\n");
  const ProgramResult list = Racelab({"list"});
  EXPECT_EQ(list.exit_code, 2);
  EXPECT_THAT(list.err, HasSubstr("labs/races/broken/lab.toml:1:1: unknown "
                                  "key \"shema\""));
  EXPECT_THAT(list.out, HasSubstr("lost_update"));
}

TEST_F(Project, RefusesNamesThatAreNoLabs) {
  for (const char* name : {"torn", "Races/Torn", "races/../x", "races/", "/x",
                           "races/lost_update", "other/lost_update"}) {
    const ProgramResult run = Racelab({"new", name});
    EXPECT_EQ(run.exit_code, 2) << name;
  }
}

TEST_F(Project, AHandoutHoldsNoAnswersAndNoEditedStarter) {
  Write("harness/ARCHITECTURE.md", "arrows");
  Write("solutions/races/lost_update/WHY.md", "secret");
  Write("README.md", "read me");
  Write("labs/README.md", "add a lab");
  Write("labs/_template/lab/lab.toml", "template");
  const ProgramResult run = Racelab({"handout", "out/course"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(Read("out/course/labs/README.md"), "add a lab");
  EXPECT_EQ(Read("out/course/labs/_template/lab/lab.toml"), "template");
  EXPECT_EQ(Read("out/course/labs/races/lost_update/student/counter.cc"),
            "starter\n");
  EXPECT_EQ(Read("out/course/harness/ARCHITECTURE.md"), "arrows");
  EXPECT_FALSE(fs::exists(folder_.path() / "out/course/solutions"));
  EXPECT_FALSE(fs::exists(folder_.path() / "out/course/.racelab"));
  EXPECT_EQ(Racelab({"handout", "out/course"}).exit_code, 2);  // not over it
  Write("labs/races/lost_update/student/counter.cc", "solved\n");
  const ProgramResult solved = Racelab({"handout", "out/other"});
  EXPECT_EQ(solved.exit_code, 2);
  EXPECT_THAT(solved.err, HasSubstr("is not the starter"));
  EXPECT_FALSE(fs::exists(folder_.path() / "out/other"));
  Write("labs/races/lost_update/student/counter.cc", "starter\n");
  const ProgramResult completed = Racelab({"handout", "out/completed/"});
  EXPECT_EQ(completed.exit_code, 0) << completed.err;
  EXPECT_TRUE(fs::exists(folder_.path() / "out/completed/labs/races"));
}

TEST_F(Project, ResetBringsBackWhatWasDeleted) {
  EXPECT_EQ(Racelab({"list"}).exit_code, 0);  // keeps a copy
  fs::remove(folder_.path() / "labs/races/lost_update/student/counter.cc");
  const ProgramResult hint = Racelab({"hint", "lost_update"});
  EXPECT_EQ(hint.exit_code, 2);
  EXPECT_THAT(hint.err, HasSubstr("`./racelab reset lost_update`"));
  const ProgramResult reset = Racelab({"reset", "lost_update"});
  EXPECT_EQ(reset.exit_code, 0) << reset.err;
  EXPECT_EQ(Read("labs/races/lost_update/student/counter.cc"), "starter\n");
}

TEST_F(Project, ResultsOfAnEarlierGradingDoNotStay) {
  Write("anna/student/counter.cc", "my work\n");
  Write("results/results.json", "{}");
  const ProgramResult run = Racelab(
      {"grade", "no_such_lab", "--submission", "anna", "--out", "results"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_FALSE(fs::exists(folder_.path() / "results/results.json"));
}

class NewLab : public Project {
 protected:
  NewLab() {
    fs::copy(kSource / "labs/_template", folder_.path() / "labs/_template",
             fs::copy_options::recursive);
    fs::remove_all(folder_.path() / "labs/races/lost_update");
    // Compiled modules are shared with the other tests.
    fs::create_directories(fs::path(RACELAB_TEST_STATE) / "cache/modules");
    fs::create_directories(folder_.path() / ".racelab/cache");
    fs::create_directory_symlink(fs::path(RACELAB_TEST_STATE) / "cache/modules",
                                 folder_.path() / ".racelab/cache/modules");
  }
};

TEST_F(NewLab, SaysThatTheTemplateIsMissing) {
  fs::remove_all(folder_.path() / "labs/_template");
  const ProgramResult run = Racelab({"new", "races/torn_total"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err, HasSubstr("labs/_template is missing"));
}

TEST_F(NewLab, CheckSaysWhatAGradeWouldNotSee) {
  ASSERT_EQ(Racelab({"new", "races/torn_total"}).exit_code, 0);
  Racelab({"list"});  // keeps a copy
  const ProgramResult as_it_is = Racelab({"check", "torn_total"});
  EXPECT_THAT(as_it_is.out, Not(HasSubstr("not as the lab has it")));
  const std::string header = "labs/races/torn_total/student/lab.h";
  Write(header, Read(header) + "\n// mine\n");
  Write("labs/races/torn_total/student/helper.h", "// mine\n");
  const ProgramResult changed = Racelab({"check", "torn_total"});
  EXPECT_EQ(changed.exit_code, 1) << changed.err;  // it is the starter
  EXPECT_THAT(changed.out, HasSubstr("student/lab.h is not as the lab has it"));
  EXPECT_THAT(changed.out, HasSubstr("student/helper.h is no file of the lab"));
}

TEST_F(NewLab, BuildsAndVerifySaysWhatIsStillToWrite) {
  const ProgramResult made = Racelab({"new", "races/torn_total"});
  ASSERT_EQ(made.exit_code, 0) << made.err;
  EXPECT_THAT(made.out, HasSubstr("./racelab verify torn_total"));
  EXPECT_EQ(Racelab({"new", "races/torn_total"}).exit_code, 2);
  const ProgramResult verify = Racelab({"verify", "torn_total"});
  EXPECT_EQ(verify.exit_code, 1) << verify.err;
  for (const char* what :
       {"README.md: is still to write", "hints.md: is still to write",
        "lab.toml: is still to write", "WHY.md: is still to write",
        "rejected: has 0 answers", "accepted: has 0 answers"}) {
    EXPECT_THAT(verify.out, HasSubstr(what));
  }
  // Nothing else is wrong with it: the starter fails and the solution passes.
  EXPECT_THAT(verify.out, Not(HasSubstr("the starter")));
  EXPECT_THAT(verify.out, Not(HasSubstr("the solution fails")));
}

// labs/README.md as one shell script: its `sh` blocks as they stand, and its
// other blocks written to the file that their fence names.
std::string ScriptOf(std::string_view page) {
  std::string script = "set -e\n";
  bool inside = false;
  bool file = false;
  for (std::string_view line : manifest::Split(page, '\n')) {
    if (!line.starts_with("```")) {
      if (inside) manifest::Append(script, line, "\n");
      continue;
    }
    if (inside) {
      if (file) script += "END_OF_FILE\n";
      inside = false;
      continue;
    }
    inside = true;
    const size_t space = line.find(' ');
    file = space != std::string_view::npos;
    if (file) {
      const std::string_view name = line.substr(space + 1);
      manifest::Append(script, "mkdir -p \"$(dirname ", name, ")\"\ncat > ",
                       name, " <<'END_OF_FILE'\n");
    }
  }
  return script;
}

int Count(std::string_view text, std::string_view what) {
  int count = 0;
  for (size_t at = text.find(what); at != std::string_view::npos;
       at = text.find(what, at + what.size())) {
    ++count;
  }
  return count;
}

TEST_F(NewLab, ThePageAddALabFollowedLiterallyMakesAProvedLab) {
  const auto page = ReadWhole(kSource / "labs/README.md");
  ASSERT_TRUE(page.ok());
  Write("follow.sh", ScriptOf(*page));
  const ProgramResult run = RunProgram({"sh", "follow.sh"}, folder_.path());
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
  EXPECT_THAT(run.out, HasSubstr("1 of 1 labs are what they say they are"));
  // Once more: everything is remembered.
  const ProgramResult again = Racelab({"verify", "torn_total"});
  EXPECT_EQ(again.exit_code, 0) << again.out;
  EXPECT_THAT(again.err, HasSubstr("8 answers, 8 runs remembered"));
  // Two at once share the runs.
  fs::remove_all(folder_.path() / ".racelab/cache/proofs");
  Program one({"./racelab", "verify", "torn_total"}, folder_.path());
  Program other({"./racelab", "verify", "torn_total"}, folder_.path());
  int remembered = 0;
  for (Program* program : {&one, &other}) {
    const ProgramResult shared = program->Wait();
    EXPECT_EQ(shared.exit_code, 0) << shared.out << shared.err;
    std::smatch count;
    if (std::regex_search(shared.err, count,
                          std::regex("(\\d+) runs remembered"))) {
      remembered += std::stoi(count[1]);
    }
  }
  EXPECT_EQ(remembered, 8);
  // The matrix counts what is remembered, and keeps it when that is gone.
  Racelab({"verify", "torn_total", "--repeat", "2"});
  const std::string twice = "| 2 × clang-19 |";
  for (int i = 0; i < 2; ++i) {
    const ProgramResult counted =
        Racelab({"verify", "torn_total", "--matrix", "matrix.md"});
    EXPECT_EQ(counted.exit_code, 0) << counted.out << counted.err;
    EXPECT_EQ(Count(Read("matrix.md"), twice), 8) << Read("matrix.md");
    fs::remove_all(folder_.path() / ".racelab/cache/proofs");
  }
  // And a change is noticed.
  Write("labs/races/torn_total/student/lab.cc",
        Read("solutions/races/torn_total/student/lab.cc"));
  const ProgramResult solved =
      Racelab({"verify", "torn_total", "--matrix", "matrix.md"});
  EXPECT_EQ(solved.exit_code, 1);
  EXPECT_THAT(solved.out, HasSubstr("the starter passes"));
  // As soon as it is known, not only when the lab is done.
  const size_t at_once =
      solved.err.find("WRONG torn_total starter: the starter");
  const size_t done = solved.err.find("WRONG torn_total: 8 answers");
  ASSERT_NE(at_once, std::string::npos) << solved.err;
  ASSERT_NE(done, std::string::npos) << solved.err;
  EXPECT_LT(at_once, done);
  EXPECT_EQ(Count(Read("matrix.md"), twice), 0) << Read("matrix.md");
  EXPECT_THAT(solved.out, HasSubstr("Of 8 answers it had counted more proofs"));
  // What was counted is not lost to a broken file.
  const std::string broken =
      "<!-- Proofs by answer, kept while its sources are the same:\n{";
  Write("matrix.md", broken);
  const ProgramResult refused =
      Racelab({"verify", "torn_total", "--matrix", "matrix.md"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err,
              HasSubstr("matrix.md:1: the record of proofs cannot be read"));
  EXPECT_EQ(Read("matrix.md"), broken);
}

}  // namespace
}  // namespace racelab::cli
