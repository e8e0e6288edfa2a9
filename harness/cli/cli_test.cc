// The command line's parts that need no engine.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "cli/context.h"
#include "cli/cores.h"
#include "cli/files.h"
#include "cli/misconceptions.h"
#include "cli/progress.h"
#include "cli/state.h"
#include "manifest/test_folder.h"

namespace racelab::cli {
namespace {

namespace fs = std::filesystem;
using manifest::Files;
using manifest::TestFolder;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::Lt;
using verdict::Engine;
using verdict::Outcome;

TEST(WriteWhole, ReplacesAFileAndLeavesNothingBeside) {
  TestFolder folder;
  const fs::path file = folder.path() / "a/b.json";
  ASSERT_TRUE(WriteWhole(file, "one").ok());
  ASSERT_TRUE(WriteWhole(file, "two").ok());
  EXPECT_EQ(*ReadWhole(file), "two");
  size_t count = 0;
  for (const auto& entry : fs::directory_iterator(file.parent_path())) {
    ++count;
    EXPECT_EQ(entry.path(), file);
  }
  EXPECT_EQ(count, 1u);
}

TEST(WriteWhole, SaysWhatCannotBeWritten) {
  TestFolder folder;
  folder.Write("file", "x");
  const absl::Status status = WriteWhole(folder.path() / "file/below", "x");
  EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(std::string(status.message()), HasSubstr("cannot be written"));
  EXPECT_FALSE(CheckWritable(folder.path() / "file").ok());
  EXPECT_TRUE(CheckWritable(folder.path() / "new/folder").ok());
}

TEST(Digest, TellsContentsAndTheirBoundariesApart) {
  const auto hex = [](const std::vector<std::string>& parts) {
    Digest digest;
    for (const std::string& part : parts) digest.Add(part);
    return digest.Hex();
  };
  EXPECT_EQ(hex({"ab", "c"}), hex({"ab", "c"}));
  EXPECT_NE(hex({"ab", "c"}), hex({"a", "bc"}));
  EXPECT_NE(hex({"", "x"}), hex({"x", ""}));
  EXPECT_EQ(hex({}).size(), 32u);
}

TEST(ShellWord, QuotesOnlyWhatNeedsIt) {
  EXPECT_EQ(ShellWord("labs/a_b.cc"), "labs/a_b.cc");
  EXPECT_EQ(ShellWord("a b"), "'a b'");
  EXPECT_EQ(ShellWord("it's"), "'it'\\''s'");
  EXPECT_EQ(ShellWord(""), "''");
  EXPECT_EQ(ShellWord("~x"), "'~x'");
}

TEST(WithCommas, SetsThousandsApart) {
  EXPECT_EQ(WithCommas(0), "0");
  EXPECT_EQ(WithCommas(999), "999");
  EXPECT_EQ(WithCommas(1234567), "1,234,567");
}

TEST(Cores, NeverHandOutMoreThanThereAre) {
  Cores cores(2);
  std::atomic<int> held{0};
  std::atomic<bool> too_many{false};
  std::vector<std::jthread> threads;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&, i] {
      const int wanted = i % 2 + 1;
      for (int round = 0; round < 200; ++round) {
        const Cores::Hold hold(cores, wanted);
        if (held.fetch_add(wanted) + wanted > 2) too_many = true;
        held.fetch_sub(wanted);
      }
    });
  }
  threads.clear();
  EXPECT_FALSE(too_many);
}

TEST(Cores, NeverLetWaitWhoWantsNone) {
  Cores cores(1);
  const Cores::Hold all(cores, 1);
  const Cores::Hold none(cores, 0);
  EXPECT_EQ(cores.count(), 1);
}

TEST(Cores, GiveAllToWhoWantsMoreThanThereAre) {
  Cores cores(1);
  const Cores::Hold hold(cores, 2);
  EXPECT_EQ(cores.count(), 1);
}

TEST(FindRoot, LooksUpwardsForAProject) {
  TestFolder folder;
  folder.Write("racelab", "");
  folder.Write("labs/races/x/lab.toml", "");
  EXPECT_EQ(*FindRoot(folder.path() / "labs/races/x"), folder.path());
  TestFolder other;
  EXPECT_EQ(FindRoot(other.path()).status().code(),
            absl::StatusCode::kNotFound);
}

class StateTest : public ::testing::Test {
 protected:
  StateTest() {
    context_.root = folder_.path();
    context_.state = folder_.path() / ".racelab";
  }
  TestFolder folder_;
  Context context_;
};

TEST_F(StateTest, IsRemembered) {
  LabState state;
  state.hints_shown = 2;
  state.last_check = LastCheck{Outcome::kFail, 3, 10, Now(), "abc"};
  ASSERT_TRUE(SaveState(context_, "races", "x", state).ok());
  const LabState read = LoadState(context_, "races", "x");
  EXPECT_EQ(read.hints_shown, 2);
  ASSERT_TRUE(read.last_check.has_value());
  EXPECT_EQ(read.last_check->points, 3);
  EXPECT_EQ(read.last_check->outcome, Outcome::kFail);
}

TEST_F(StateTest, ThatIsDamagedCountsAsMissing) {
  for (const char* text : {"", "{", "[]", "{\"hints_shown\":\"x\"}",
                           "{\"last_check\":3}", "{\"last_check\":{}}"}) {
    folder_.Write(".racelab/state/races/x.json", text);
    const LabState state = LoadState(context_, "races", "x");
    EXPECT_EQ(state.hints_shown, 0) << text;
    EXPECT_FALSE(state.last_check.has_value()) << text;
  }
}

TEST_F(StateTest, StartersAreKeptOnceBeforeTheyAreEdited) {
  folder_.Write("labs/races/lost_update/lab.toml", manifest::kGoodManifest);
  folder_.Write("labs/races/lost_update/student/counter.cc", "starter");
  const auto catalog = manifest::Catalog::Open(folder_.path());
  ASSERT_TRUE(catalog.ok());
  ASSERT_TRUE(KeepStarters(context_, *catalog).ok());
  folder_.Write("labs/races/lost_update/student/counter.cc", "mine");
  ASSERT_TRUE(KeepStarters(context_, *catalog).ok());
  const auto lab = catalog->Load("lost_update");
  ASSERT_TRUE(lab.ok()) << lab.status();
  EXPECT_EQ(KeptStarter(context_, *lab)->at("counter.cc"), "starter");
}

constexpr char kStarter[] =
    "int visitors = 0;\nvoid Admit(int n) { visitors += n; }\n"
    "int Visitors() { return visitors; }\n";
constexpr char kVolatile[] =
    "volatile int visitors = 0;\n"
    "void Admit(int n) { visitors = visitors + n; }\n"
    "int Visitors() { return visitors; }\n";
constexpr char kOwnLock[] =
    "#include <mutex>\nint visitors = 0;\nvoid Admit(int n) {\n"
    "  std::mutex m;\n  std::lock_guard<std::mutex> lock(m);\n"
    "  visitors += n;\n}\nint Visitors() { return visitors; }\n";

TEST(Likeness, IsHighForTheSameChangeInOtherNamesAndLayout) {
  const Files starter = {{"a.cc", kStarter}};
  const Files own_lock = {{"a.cc", kOwnLock}};
  const Files renamed = {
      {"a.cc",
       "// I locked it!\n#include <mutex>\nint visitors = 0;\n"
       "void Admit(int n)\n{\n  std::mutex my_mutex;\n"
       "  std::lock_guard<std::mutex> guard(my_mutex);\n"
       "  visitors += n;\n}\nint Visitors() { return visitors; }\n"}};
  EXPECT_THAT(Likeness(starter, own_lock, renamed), Ge(0.9));
  EXPECT_THAT(Likeness(starter, own_lock, own_lock), Ge(0.999));
}

TEST(Likeness, IsLowForAnotherChangeAndZeroForNone) {
  const Files starter = {{"a.cc", kStarter}};
  EXPECT_THAT(Likeness(starter, {{"a.cc", kVolatile}}, {{"a.cc", kOwnLock}}),
              Lt(0.3));
  EXPECT_EQ(Likeness(starter, starter, {{"a.cc", kOwnLock}}), 0);
}

TEST(Misconceptions, AreTheSentenceOfTheLikestAnswerThatFailsTheSameWay) {
  TestFolder folder;
  Context context;
  context.root = folder.path();
  context.state = folder.path() / ".racelab";
  folder.Write("labs/races/lost_update/lab.toml", manifest::kGoodManifest);
  folder.Write("labs/races/lost_update/student/counter.cc", kStarter);
  const std::string rejected = "solutions/races/lost_update/rejected/";
  folder.Write(rejected + "volatile/counter.cc", kVolatile);
  folder.Write(rejected + "volatile/expect.toml",
               "engine = \"model\"\nkind = \"data-race\"\n"
               "misconception = \"volatile is not atomic\"\n");
  folder.Write(rejected + "own_lock/counter.cc", kOwnLock);
  folder.Write(rejected + "own_lock/expect.toml",
               "engine = \"model\"\nkind = \"data-race\"\n"
               "misconception = \"one mutex for all\"\n");
  const auto lab = manifest::LoadLab(folder.path(),
                                     folder.path() / "labs/races/lost_update");
  ASSERT_TRUE(lab.ok()) << lab.status();
  verdict::TestResult result;
  result.test = "Counter.NoIncrementIsLost";
  result.engine = Engine::kModel;
  result.outcome = Outcome::kFail;
  result.finding.emplace();
  result.finding->kind = verdict::FailureKind::kDataRace;
  EXPECT_EQ(Misconceptions(context, *lab, {{"counter.cc", kOwnLock}})
                .SentenceFor(result),
            "one mutex for all");
  EXPECT_EQ(Misconceptions(context, *lab, {{"counter.cc", kStarter}})
                .SentenceFor(result),
            "");
  // As like as can be, but for the mutex that the sentence is about.
  std::string semaphore = kOwnLock;
  for (size_t at; (at = semaphore.find("mutex")) != std::string::npos;) {
    semaphore.replace(at, 5, "binary_semaphore");
  }
  EXPECT_EQ(Misconceptions(context, *lab, {{"counter.cc", semaphore}})
                .SentenceFor(result),
            "");
  // Nearer to a right answer than to that one.
  std::string right = kOwnLock;
  right.replace(right.find("  std::mutex"), 2, "  static ");
  std::string read_late = right;
  read_late.replace(read_late.find("return visitors"), 6, "return 0 +");
  EXPECT_EQ(Misconceptions(context, *lab, {{"counter.cc", read_late}})
                .SentenceFor(result),
            "one mutex for all");
  folder.Write("solutions/races/lost_update/student/counter.cc", right);
  EXPECT_EQ(Misconceptions(context, *lab, {{"counter.cc", read_late}})
                .SentenceFor(result),
            "");
  EXPECT_EQ(Misconceptions(context, *lab, {{"counter.cc", kOwnLock}})
                .SentenceFor(result),
            "one mutex for all");
  result.finding->kind = verdict::FailureKind::kDeadlock;
  EXPECT_EQ(Misconceptions(context, *lab, {{"counter.cc", kOwnLock}})
                .SentenceFor(result),
            "");
}

}  // namespace
}  // namespace racelab::cli
