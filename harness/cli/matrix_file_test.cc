#include "cli/matrix_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "cli/files.h"
#include "manifest/test_folder.h"

namespace racelab::cli {
namespace {

using build::Compiler;
using manifest::TestFolder;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

class MatrixFileTest : public testing::Test {
 protected:
  MatrixFileTest() {
    context_.harness = folder_.path() / "harness";
    context_.runners = folder_.path() / "bin";
    context_.state = folder_.path() / "state";
    lab_.module = "races";
    lab_.name = "x";
    lab_.directory = folder_.path() / "lab";
    folder_.Write("lab/scenario.cc", "test");
    answer_.name = "solution";
    answer_.kind = AnswerKind::kSolution;
  }

  // One more writing of the file, by somebody whose cache remembers nothing.
  std::map<Compiler, int> Write(int repeat,
                                const std::vector<Problem>& problems,
                                const std::string& lab = "x", bool all = true) {
    MatrixFile file(context_, path_);
    const absl::Status opened = file.Open();
    EXPECT_TRUE(opened.ok()) << opened;
    lab_.name = lab;
    MatrixLab matrix;
    matrix.module = lab_.module;
    matrix.name = lab_.name;
    matrix.rows = {RowFor(lab_, answer_)};
    file.CountProofs(lab_, answer_, problems, repeat, ProofCache(context_),
                     matrix.rows[0]);
    EXPECT_TRUE(file.Write({matrix}, all).ok());
    return matrix.rows[0].proofs;
  }

  static auto Counts(int clang, int gcc) {
    return UnorderedElementsAre(Pair(Compiler::kClang19, clang),
                                Pair(Compiler::kGcc12, gcc));
  }

  TestFolder folder_;
  const std::filesystem::path path_ = folder_.path() / "matrix.md";
  Context context_;
  manifest::Lab lab_;
  Answer answer_;
};

TEST_F(MatrixFileTest, KeepsTheLargestCountOfEachCompiler) {
  EXPECT_THAT(Write(100, {}), Counts(100, 0));
  EXPECT_THAT(Write(1, {}), Counts(100, 0));
  context_.compiler = Compiler::kGcc12;
  EXPECT_THAT(Write(7, {}), Counts(100, 7));
  context_.compiler = Compiler::kClang19;
  EXPECT_THAT(Write(101, {}), Counts(101, 7));
}

TEST_F(MatrixFileTest, CountsAnewWhenTheSourcesChange) {
  Write(100, {});
  folder_.Write("lab/scenario.cc", "another test");
  EXPECT_THAT(Write(2, {}), Counts(2, 0));
}

TEST_F(MatrixFileTest, NoCountSpeaksForWhatIsWrongNow) {
  context_.compiler = Compiler::kGcc12;
  Write(100, {});
  context_.compiler = Compiler::kClang19;
  Write(100, {});
  Problem wrong;
  EXPECT_THAT(Write(1, {wrong}), Counts(0, 100));
  EXPECT_THAT(Write(1, {}), Counts(1, 100));
}

TEST_F(MatrixFileTest, WhatNobodyCouldDecideTakesNothingAway) {
  Write(100, {});
  Problem undecided;
  undecided.undecided = true;
  EXPECT_THAT(Write(200, {undecided}), Counts(100, 0));
}

TEST_F(MatrixFileTest, OtherLabsStayWhereNotAllAreAskedFor) {
  Write(100, {}, "x");
  Write(5, {}, "y", /*all=*/false);
  EXPECT_THAT(Write(1, {}, "x", /*all=*/false), Counts(100, 0));
  Write(1, {}, "y", /*all=*/true);
  EXPECT_THAT(Write(1, {}, "x", /*all=*/false), Counts(1, 0));
}

TEST_F(MatrixFileTest, IsAlsoKeptInHtml) {
  MatrixFile file(context_, folder_.path() / "m.html");
  ASSERT_TRUE(file.Open().ok());
  MatrixLab matrix;
  matrix.module = "races";
  matrix.name = "x";
  matrix.rows = {RowFor(lab_, answer_)};
  file.CountProofs(lab_, answer_, {}, 3, ProofCache(context_), matrix.rows[0]);
  ASSERT_TRUE(file.Write({matrix}, true).ok());
  const std::string html = ReadWhole(folder_.path() / "m.html").value_or("");
  EXPECT_THAT(html, HasSubstr("</html>\n<!-- Proofs by answer"));
  EXPECT_TRUE(ProofRecord::Parse("m.html", html).ok());
}

TEST_F(MatrixFileTest, WhatCannotBeReadIsNotOverwritten) {
  folder_.Write(
      "matrix.md",
      "<!-- Proofs by answer, kept while its sources are the same:\n");
  EXPECT_TRUE(absl::IsInvalidArgument(MatrixFile(context_, path_).Open()));
  EXPECT_TRUE(
      absl::IsNotFound(MatrixFile(context_, folder_.path() / "lab").Open()));
}

}  // namespace
}  // namespace racelab::cli
