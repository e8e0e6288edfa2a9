#include "engines/token.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace racelab::engines {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

const Token kToken = {.lab = "lost_update",
                      .test = "Counter.NoIncrementIsLost",
                      .source_hash = "0123456789abcdef",
                      .decisions = "t1,t0;r3 x"};

TEST(Token, ComesBackAsItWas) {
  const auto parsed = ParseToken(FormatToken(kToken));
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(*parsed, kToken);
}

TEST(Token, IsOneWordInEveryShell) {
  EXPECT_THAT(FormatToken(kToken), MatchesRegex("rl1[.][A-Za-z0-9_.~-]+"));
  EXPECT_THAT(FormatToken(kToken), HasSubstr(".lost_update."));
}

TEST(Token, NoticesEverySingleChange) {
  const std::string text = FormatToken(kToken);
  for (size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] = changed[i] == 'x' ? 'y' : 'x';
    EXPECT_FALSE(ParseToken(changed).ok()) << i;
    EXPECT_FALSE(ParseToken(text.substr(0, i)).ok()) << i;
  }
}

TEST(Token, SaysWhatIsWrong) {
  EXPECT_THAT(ParseToken("hello").status().message(),
              HasSubstr("no replay token"));
  EXPECT_THAT(ParseToken("rl2.a.b.c.d").status().message(),
              HasSubstr("another version"));
  EXPECT_THAT(ParseToken("rl1.a.b").status().message(), HasSubstr("damaged"));
  // Whoever makes a checksum can write anything.
  for (const char* decisions : {"", "\xbd\xf2", "\x1b[31m"}) {
    Token token = kToken;
    token.decisions = decisions;
    EXPECT_THAT(ParseToken(FormatToken(token)).status().message(),
                HasSubstr("damaged"));
  }
}

}  // namespace
}  // namespace racelab::engines
