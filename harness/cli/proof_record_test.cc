#include "cli/proof_record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "manifest/test_folder.h"
#include "manifest/text.h"

namespace racelab::cli {
namespace {

namespace fs = std::filesystem;
using build::Compiler;
using manifest::Cat;
using manifest::TestFolder;
using ::testing::HasSubstr;

MatrixLab LabNamed(std::string name, std::vector<MatrixRow> rows) {
  MatrixLab lab;
  lab.module = "races";
  lab.name = std::move(name);
  lab.rows = std::move(rows);
  return lab;
}

MatrixRow RowOf(std::string answer, std::string sources, int clang, int gcc) {
  MatrixRow row;
  row.answer = std::move(answer);
  row.sources = std::move(sources);
  row.proofs = {{Compiler::kClang19, clang}, {Compiler::kGcc12, gcc}};
  return row;
}

ProofRecord TwoLabs() {
  ProofRecord record;
  record.Set(LabNamed(
      "x", {RowOf("starter", "aa", 100, 7), RowOf("solution", "bb", 3, 0)}));
  record.Set(LabNamed("y", {RowOf("starter", "cc", 1, 1)}));
  return record;
}

int Proofs(const ProofRecord& record, const char* lab, const char* answer,
           const char* sources) {
  return record.Proofs("races", lab, answer, sources, Compiler::kClang19);
}

TEST(ProofRecord, ReadsWhatItHasWritten) {
  for (const char* matrix : {"# Who caught what\n\n", "<html></html>\n"}) {
    const auto read =
        ProofRecord::Parse("m.md", Cat(matrix, TwoLabs().Comment()));
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(read->Proofs("races", "x", "starter", "aa", Compiler::kClang19),
              100);
    EXPECT_EQ(read->Proofs("races", "x", "starter", "aa", Compiler::kGcc12), 7);
    EXPECT_EQ(read->Proofs("races", "y", "starter", "cc", Compiler::kGcc12), 1);
    EXPECT_EQ(read->Comment(), TwoLabs().Comment());
  }
}

TEST(ProofRecord, IsACommentWithALineForEachAnswer) {
  EXPECT_EQ(TwoLabs().Comment(),
            "<!-- Proofs by answer, kept while its sources are the same:\n"
            "{\n"
            "\"races/x\": {\n"
            "  \"solution\": "
            "{\"clang-19\":3,\"gcc-12\":0,\"sources\":\"bb\"},\n"
            "  \"starter\": "
            "{\"clang-19\":100,\"gcc-12\":7,\"sources\":\"aa\"}},\n"
            "\"races/y\": {\n"
            "  \"starter\": "
            "{\"clang-19\":1,\"gcc-12\":1,\"sources\":\"cc\"}}}\n"
            "-->\n");
  EXPECT_EQ(ProofRecord().Comment(), "");
}

TEST(ProofRecord, CountsNothingForOtherSourcesOrAnotherAnswer) {
  const ProofRecord record = TwoLabs();
  ASSERT_EQ(Proofs(record, "x", "starter", "aa"), 100);
  EXPECT_EQ(Proofs(record, "x", "starter", "ab"), 0);
  EXPECT_EQ(Proofs(record, "x", "rejected/new", "aa"), 0);
  EXPECT_EQ(Proofs(record, "z", "starter", "aa"), 0);
}

TEST(ProofRecord, ALabIsReplacedWholeAndTheOthersAreKept) {
  ProofRecord record = TwoLabs();
  record.Set(LabNamed("x", {RowOf("starter", "aa", 5, 5)}));
  EXPECT_EQ(Proofs(record, "x", "starter", "aa"), 5);
  EXPECT_EQ(Proofs(record, "x", "solution", "bb"), 0);
  EXPECT_EQ(Proofs(record, "y", "starter", "cc"), 1);
}

TEST(ProofRecord, TellsWhereItCountsMore) {
  const ProofRecord record = TwoLabs();
  const MatrixRow solution = RowOf("solution", "bb", 3, 0);
  EXPECT_EQ(record.CountsMoreThan(
                LabNamed("x", {RowOf("starter", "aa", 100, 7), solution})),
            0);
  EXPECT_EQ(record.CountsMoreThan(
                LabNamed("x", {RowOf("starter", "aa", 100, 6), solution})),
            1);
  EXPECT_EQ(
      record.CountsMoreThan(LabNamed("x", {RowOf("starter", "other", 1, 7),
                                           RowOf("solution", "other", 0, 9)})),
      2);
  EXPECT_EQ(
      record.CountsMoreThan(LabNamed("x", {RowOf("rejected/new", "dd", 0, 0)})),
      0);
  EXPECT_EQ(record.CountsMoreThan(LabNamed("z", {solution})), 0);
}

TEST(ProofRecord, AMatrixWithoutOneHasCountedNothing) {
  const auto record = ProofRecord::Parse("m.md", "# Who caught what\n");
  ASSERT_TRUE(record.ok());
  EXPECT_EQ(record->Comment(), "");
}

TEST(ProofRecord, ABrokenOneIsNotTakenForAnEmptyOne) {
  const std::string begin =
      "# Title\n<!-- Proofs by answer, kept while its sources are the same:\n";
  for (const char* rest :
       {"", "{", "[]\n-->\n", "{\"races/x\": 1}\n-->\n",
        "{\"races/x\": {\"starter\": []}}\n-->\n",
        "{\"races/x\": {\"starter\": {\"clang-19\": -1}}}\n-->\n",
        "{\"races/x\": {\"starter\": {\"clang-19\": 9999999999}}}\n-->\n",
        "{\"races/x\": {\"starter\": {\"clang-19\": \"1\"}}}\n-->\n",
        "{\"races/x\": {\"starter\": {\"sources\": 1}}}\n-->\n",
        "{\"races/x\": {\"starter\": {\"icc\": 1}}}\n-->\n",
        "<<<<<<< ours\n{}\n=======\n-->\n"}) {
    const auto record = ProofRecord::Parse("m.md", Cat(begin, rest));
    ASSERT_FALSE(record.ok()) << rest;
    EXPECT_THAT(std::string(record.status().message()),
                HasSubstr("m.md:2: the record of proofs cannot be read: "
                          "restore the file, or delete it"));
  }
}

class DecidingSourcesTest : public testing::Test {
 protected:
  DecidingSourcesTest() {
    lab_.module = "races";
    lab_.name = "lost_update";
    lab_.directory = folder_.path() / "lab";
    answer_.kind = AnswerKind::kRejected;
    answer_.files["counter.cc"] = "volatile int value;";
    answer_.rejected.engines = {verdict::Engine::kModel};
    answer_.rejected.kinds = {verdict::FailureKind::kDataRace};
  }

  std::string Of(const Answer& answer) const {
    return DecidingSources(folder_.path() / "harness").Of(lab_, answer);
  }

  TestFolder folder_;
  manifest::Lab lab_;
  Answer answer_;
};

TEST_F(DecidingSourcesTest, ChangeWithWhateverDecides) {
  std::vector<std::string> seen = {Of(answer_)};
  for (const char* file :
       {"lab/lab.toml", "lab/scenario.cc", "lab/student/counter.h",
        "harness/labkit/labkit.h", "harness/build/token_rules.cc",
        "harness/runtimes/model/CMakeLists.txt", "harness/symbols/dwarf.inc",
        "harness/verdict/verdict.cc"}) {
    folder_.Write(file, "new");
    seen.push_back(Of(answer_));
  }
  Answer other = answer_;
  other.files["counter.cc"] += " ";
  seen.push_back(Of(other));
  other = answer_;
  other.rejected.kinds.push_back(verdict::FailureKind::kDeadlock);
  seen.push_back(Of(other));
  other = answer_;
  other.rejected.test = "A.B";
  seen.push_back(Of(other));
  other = answer_;
  other.kind = AnswerKind::kAccepted;
  seen.push_back(Of(other));
  other.sampled_because = "large";
  seen.push_back(Of(other));
  std::sort(seen.begin(), seen.end());
  EXPECT_EQ(std::adjacent_find(seen.begin(), seen.end()), seen.end());
}

TEST_F(DecidingSourcesTest, DoNotChangeWithWhatDoesNot) {
  const std::string before = Of(answer_);
  for (const char* file :
       {"harness/build/build_test.cc", "harness/symbols/testdata/bank.cc",
        "harness/build/.build.cc.swp", "harness/build/build.cc.orig",
        "harness/cli/verify.cc", "lab/README.md", "lab/hints.md"}) {
    folder_.Write(file, "new");
  }
  EXPECT_EQ(Of(answer_), before);
  Answer other = answer_;
  other.rejected.misconception = "Said in other words.";
  EXPECT_EQ(Of(other), before);
}

// A room that one of them came to include would decide, too.
TEST(DecidingRooms, IncludeNothingOfOthers) {
  const fs::path harness = fs::path(RACELAB_SOURCE) / "harness";
  const std::vector<std::string>& rooms = DecidingRooms();
  int includes = 0;
  for (const std::string& room : rooms) {
    ASSERT_TRUE(fs::is_directory(harness / room)) << room;
    if (room == "build") continue;
    for (const auto& file : fs::recursive_directory_iterator(harness / room)) {
      if (!file.is_regular_file()) continue;
      const auto text = ReadWhole(file.path());
      ASSERT_TRUE(text.ok());
      for (std::string_view line : manifest::Split(*text, '\n')) {
        constexpr std::string_view kInclude = "#include \"";
        if (!line.starts_with(kInclude)) continue;
        line.remove_prefix(kInclude.size());
        const std::string other(line.substr(0, line.find('/')));
        // A library's, or its own.
        if (other == ".." || !fs::is_directory(harness / other)) continue;
        ++includes;
        EXPECT_NE(std::find(rooms.begin(), rooms.end(), other), rooms.end())
            << file.path() << " includes " << line;
      }
    }
  }
  EXPECT_GT(includes, 100);
}

}  // namespace
}  // namespace racelab::cli
