#include "engines/transcript.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace racelab::engines {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kNonce[] = "00112233445566778899aabbccddeeff";

class TranscriptTest : public testing::Test {
 protected:
  // Each call makes the next record: two of them in one expression would come
  // in an order that the compiler chooses.
  std::string Line(std::string_view fields) {
    return absl::StrCat("{\"nonce\":\"", kNonce, "\",\"seq\":", seq_++, ",",
                        std::string(fields), "}\n");
  }
  std::string Hello() {
    return Line(R"("type":"hello","engine":"model","pid":1)");
  }
  std::string Opening() {
    std::string records = Hello();
    return records += Line(R"("type":"tests","tests":[])");
  }
  std::string Begin() { return Line(R"("type":"begin","test":"A.B")"); }
  std::string Result() {
    return Line(R"("type":"result","result":{"test":"A.B","engine":"model",)"
                R"("outcome":"pass","evidence":{"strength":"sampled"}})");
  }

  int seq_ = 0;
  Transcript transcript_{verdict::Engine::kModel, kNonce, {"A.B"}};
};

TEST_F(TranscriptTest, ReadsAWholeRunInAnyPieces) {
  std::string text = Opening();
  text += Begin();
  text += Result();
  text += Line(R"("type":"done","canary":true)");
  for (const char c : text) ASSERT_TRUE(transcript_.Feed({&c, 1}));
  EXPECT_TRUE(transcript_.done());
  EXPECT_TRUE(transcript_.canary());
  EXPECT_EQ(transcript_.results().size(), 1);
  EXPECT_THAT(transcript_.running(), IsEmpty());
}

TEST_F(TranscriptTest, KnowsWhichTestRan) {
  EXPECT_TRUE(transcript_.Feed(Opening()));
  EXPECT_TRUE(transcript_.Feed(Begin()));
  EXPECT_EQ(transcript_.running(), "A.B");
  EXPECT_FALSE(transcript_.done());
}

TEST_F(TranscriptTest, RefusesWhatIsOutOfPlace) {
  EXPECT_FALSE(transcript_.Feed(Begin()));
  EXPECT_THAT(transcript_.broken(), HasSubstr("before the hello"));
}

TEST_F(TranscriptTest, RefusesAResultThatNobodyAskedFor) {
  ASSERT_TRUE(transcript_.Feed(Opening()));
  EXPECT_FALSE(transcript_.Feed(Result()));
}

TEST_F(TranscriptTest, RefusesARecordWithoutEnd) {
  EXPECT_FALSE(transcript_.Feed(std::string(Transcript::kMaxRecord + 1, 'x')));
}

TEST_F(TranscriptTest, RefusesEndlessDepth) {
  EXPECT_FALSE(transcript_.Feed(std::string(1 << 20, '[') + "\n"));
}

TEST_F(TranscriptTest, RefusesMistypedFields) {
  EXPECT_FALSE(transcript_.Feed("{\"nonce\":1,\"seq\":\"0\",\"type\":[]}\n"));
  EXPECT_FALSE(transcript_.Feed(Hello()));
}

}  // namespace
}  // namespace racelab::engines
