#include "runtimes/common/request.h"

#include <gmock/gmock.h>

namespace racelab::runtimes {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string Text(const absl::Status& status) {
  return std::string(status.message());
}

std::string WithOptions(const std::string& options) {
  return R"({"version":1,"nonce":"0123456789abcdef0123456789abcdef",)"
         R"("module":"/m.so","tests":["A.B"],"seed":7,"options":)" +
         options + "}";
}

TEST(ParseRequest, TakesEveryField) {
  const auto request = ParseRequest(
      R"({"version":1,"nonce":"0123456789abcdef0123456789abcdef",)"
      R"("module":"/m.so","native":true,"source_root":"/lab","tests":["A.B"],)"
      R"("seed":18446744073709551615,"options":{"seconds":1}})");
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->module, "/m.so");
  EXPECT_TRUE(request->native);
  EXPECT_EQ(request->source_root, "/lab");
  EXPECT_THAT(request->tests, ElementsAre("A.B"));
  EXPECT_EQ(request->seed, UINT64_MAX);
  EXPECT_EQ(request->options.Number("seconds", 5), 1.0);
}

TEST(ParseRequest, NamesWhatIsWrong) {
  const struct {
    const char* json;
    const char* message;
  } kCases[] = {
      {"", "not a JSON object"},
      {"[]", "not a JSON object"},
      {"{\"version\":1", "not a JSON object"},
      {R"({"nonce":"0"})", "no \"version\""},
      {R"({"version":"1"})", "\"version\" must be"},
      {R"({"version":2,"nonce":"0","module":"/m","tests":[]})", "version is 2"},
      {R"({"version":1,"nonce":"0","module":"/m","tests":[]})", "32 hex"},
      {R"({"version":1,"nonce":"0123456789abcdef0123456789abcdef",)"
       R"("module":"m","tests":[]})",
       "absolute"},
      {R"({"version":1,"nonce":"0123456789abcdef0123456789abcdef",)"
       R"("module":"/m","tests":[1]})",
       "\"tests\" must be a list of strings"},
      {R"({"version":1,"nonce":"0123456789abcdef0123456789abcdef",)"
       R"("module":"/m","tests":[],"seed":-1})",
       "\"seed\" must be"},
      {R"({"version":1,"nonce":"0123456789abcdef0123456789abcdef",)"
       R"("module":"/m","tests":[],"sead":1})",
       "unknown key \"sead\""},
  };
  for (const auto& test : kCases) {
    const auto request = ParseRequest(test.json);
    ASSERT_FALSE(request.ok()) << test.json;
    EXPECT_THAT(Text(request.status()), HasSubstr(test.message)) << test.json;
  }
}

TEST(Options, FallBackWhereTheyAreAbsent) {
  const auto request = ParseRequest(WithOptions("{}"));
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(request->options.Count("runs", 5), 5u);
  EXPECT_EQ(request->options.Text("memory", "rc11"), "rc11");
  EXPECT_THAT(request->options.Counts("shard", {0, 1}), ElementsAre(0, 1));
  EXPECT_TRUE(request->options.status().ok());
}

TEST(Options, ReportAWrongType) {
  const auto request = ParseRequest(WithOptions(R"({"runs":"many"})"));
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(request->options.Count("runs", 5), 5u);
  EXPECT_THAT(Text(request->options.status()), HasSubstr("\"runs\" must be"));
}

TEST(Options, ReportAKeyThatNobodyAskedFor) {
  const auto request = ParseRequest(WithOptions(R"({"runs":1,"secnods":2})"));
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(request->options.Count("runs", 5), 1u);
  EXPECT_THAT(Text(request->options.status()), HasSubstr("\"secnods\""));
}

}  // namespace
}  // namespace racelab::runtimes
