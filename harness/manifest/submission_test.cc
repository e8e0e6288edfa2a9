#include "manifest/submission.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>

#include "absl/status/status.h"
#include "manifest/test_folder.h"

namespace racelab::manifest {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

class SubmissionTest : public ::testing::Test {
 protected:
  SubmissionTest() {
    lab_.module = "races";
    lab_.name = "lost_update";
    lab_.manifest_shown = "labs/races/lost_update/lab.toml";
    lab_.editable = {"counter.cc"};
    lab_.directory = folder_.path() / "lab";
  }

  absl::StatusCode Code(bool single = true) {
    return TakeSubmission(lab_, folder_.path() / "s", single).status().code();
  }

  TestFolder folder_;
  Lab lab_;
};

TEST_F(SubmissionTest, TakesOnlyEditableFilesOfALabsFolder) {
  folder_.Write("s/lost_update/student/counter.cc", "mine");
  folder_.Write("s/lost_update/student/counter.h", "not editable");
  folder_.Write("s/lost_update/scenario.cc", "no");
  EXPECT_THAT(*TakeSubmission(lab_, folder_.path() / "s", false),
              ElementsAre(Pair("counter.cc", "mine")));
}

TEST_F(SubmissionTest, TakesAStudentFolderForASingleLab) {
  folder_.Write("s/student/counter.cc", "mine");
  EXPECT_THAT(*TakeSubmission(lab_, folder_.path() / "s", true),
              ElementsAre(Pair("counter.cc", "mine")));
  EXPECT_EQ(Code(false), absl::StatusCode::kNotFound);
}

TEST_F(SubmissionTest, NamesTheMissingFile) {
  folder_.Write("s/lost_update/student/other.cc", "");
  const absl::Status status =
      TakeSubmission(lab_, folder_.path() / "s", true).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("lacks lost_update/student/counter.cc"));
}

TEST_F(SubmissionTest, RefusesLinksAtEveryLevel) {
  const auto secret = folder_.Write("secret/student/counter.cc", "secret");
  namespace fs = std::filesystem;
  fs::create_directories(folder_.path() / "s/lost_update/student");
  fs::create_symlink(secret,
                     folder_.path() / "s/lost_update/student/counter.cc");
  EXPECT_EQ(Code(), absl::StatusCode::kInvalidArgument);

  fs::remove_all(folder_.path() / "s/lost_update/student");
  fs::create_symlink(folder_.path() / "secret/student",
                     folder_.path() / "s/lost_update/student");
  EXPECT_EQ(Code(), absl::StatusCode::kInvalidArgument);

  fs::remove_all(folder_.path() / "s/lost_update");
  fs::create_symlink(folder_.path() / "secret",
                     folder_.path() / "s/lost_update");
  EXPECT_EQ(Code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(SubmissionTest, RefusesAPipeWithoutWaitingForIt) {
  std::filesystem::create_directories(folder_.path() / "s/lost_update/student");
  ASSERT_EQ(
      mkfifo((folder_.path() / "s/lost_update/student/counter.cc").c_str(),
             0600),
      0);
  EXPECT_EQ(Code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(SubmissionTest, RefusesAFileThatIsTooLarge) {
  folder_.Write("s/student/counter.cc", std::string(kMaxFileSize + 1, 'x'));
  EXPECT_EQ(Code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(SubmissionTest, PutsAnAnswerOverTheStarter) {
  lab_.editable = {"counter.cc", "counter.h"};
  folder_.Write("lab/student/counter.cc", "starter");
  folder_.Write("lab/student/counter.h", "header");
  folder_.Write("answer/counter.cc", "answer");
  folder_.Write("answer/expect.toml", "");
  const auto starter = TakeStarter(lab_);
  ASSERT_TRUE(starter.ok()) << starter.status();
  EXPECT_THAT(
      *TakeAnswer(lab_, *starter, folder_.path() / "answer"),
      ElementsAre(Pair("counter.cc", "answer"), Pair("counter.h", "header")));
}

TEST_F(SubmissionTest, RefusesAnAnswerThatChangesOtherFiles) {
  folder_.Write("answer/scenario.cc", "mine");
  EXPECT_EQ(TakeAnswer(lab_, {}, folder_.path() / "answer").status().code(),
            absl::StatusCode::kInvalidArgument);
  folder_.Write("empty/expect.toml", "");
  EXPECT_EQ(TakeAnswer(lab_, {}, folder_.path() / "empty").status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace racelab::manifest
