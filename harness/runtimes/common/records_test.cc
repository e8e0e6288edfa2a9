#include "runtimes/common/records.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

namespace racelab::runtimes {
namespace {

using nlohmann::json;

class RecordWriterTest : public testing::Test {
 protected:
  RecordWriterTest() { EXPECT_EQ(pipe2(fds_, O_CLOEXEC), 0); }
  ~RecordWriterTest() override {
    close(fds_[0]);
    close(fds_[1]);
  }
  std::vector<json> Read() {
    close(fds_[1]);
    std::string text;
    char buffer[4096];
    for (ssize_t n; (n = read(fds_[0], buffer, sizeof buffer)) > 0;) {
      text.append(buffer, n);
    }
    std::vector<json> records;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      records.push_back(json::parse(line));
    }
    return records;
  }
  int fds_[2];
};

TEST_F(RecordWriterTest, NumbersRecordsAndCarriesTheNonce) {
  RecordWriter writer(fds_[1], "abc");
  writer.Hello(verdict::Engine::kTsan);
  writer.Begin("A.B");
  writer.Done(true);
  const std::vector<json> records = Read();
  ASSERT_EQ(records.size(), 3u);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(records[i]["seq"], i);
    EXPECT_EQ(records[i]["nonce"], "abc");
  }
  EXPECT_EQ(records[0]["engine"], "tsan");
  EXPECT_EQ(records[2]["canary"], true);
}

TEST_F(RecordWriterTest, KeepsALineALineWhateverTheStudentPrints) {
  RecordWriter writer(fds_[1], "abc");
  verdict::Judgement judgement;
  judgement.replay = "r1";
  verdict::TestResult& result = judgement.result;
  result.test = "A.B";
  result.outcome = verdict::Outcome::kFail;
  result.finding.emplace().message = "two\nlines, \xff no UTF-8, \"quoted\"";
  writer.Result(judgement);
  const std::vector<json> records = Read();
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0]["replay"], "r1");
  EXPECT_THAT(records[0]["result"]["finding"]["message"].get<std::string>(),
              testing::HasSubstr("two\nlines"));
}

TEST_F(RecordWriterTest, NoticesThatTheReaderIsGone) {
  ASSERT_EQ(signal(SIGPIPE, SIG_IGN) == SIG_ERR, false);
  RecordWriter writer(fds_[1], "abc");
  close(fds_[0]);
  writer.Begin("A.B");
  EXPECT_FALSE(writer.ok());
  fds_[0] = open("/dev/null", O_RDONLY);
}

}  // namespace
}  // namespace racelab::runtimes
