#include "report/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace racelab::report {
namespace {

TEST(Text, MakesOneHarmlessLine) {
  EXPECT_EQ(OneLine("a\x1b[1;31mb\x1b]0;t\x07"
                    "c\x1b]8;;u\x1b\\d\x9b"
                    "e\nf\tg\r"),
            "abcd\xef\xbf\xbd"
            "e f g");
  EXPECT_EQ(OneLine("\xe2\x80\xae"
                    "a\x7f\x01"),
            "a");
  EXPECT_EQ(OneLine("\x1b["), "");
  EXPECT_EQ(OneLine("\x1b"), "");
}

TEST(Text, WrapsAtBlanksAndCutsLongWords) {
  EXPECT_THAT(Wrap("one two three", 7),
              testing::ElementsAre("one two", "three"));
  EXPECT_THAT(Wrap("bank.accounts[1].balance", 14),
              testing::ElementsAre("bank.accounts[", "1].balance"));
  EXPECT_THAT(Wrap("", 10), testing::ElementsAre(""));
  for (size_t width = 1; width < 20; ++width) {
    for (const std::string& line : Wrap("ab漢字漢字漢字 x→→→→→→→→→→", width)) {
      EXPECT_LE(Width(line), std::max<size_t>(width, 4));
    }
  }
}

TEST(Text, MeasuresColumnsNotBytes) {
  EXPECT_EQ(Width("a→b"), 3u);
  EXPECT_EQ(Width("漢"), 2u);
  EXPECT_EQ(Width("e\xcc\x81"), 1u);
  EXPECT_EQ(Cut("abcdef", 4), "abc…");
  EXPECT_EQ(Thousands(0), "0");
  EXPECT_EQ(Thousands(1234567), "1,234,567");
}

TEST(Text, TurnsCommandsOfALogReaderIntoText) {
  EXPECT_EQ(NoCommands("a\n  ::error::x\nb ::c ##[error]"),
            "a\n  : :error::x\nb ::c ## [error]");
}

}  // namespace
}  // namespace racelab::report
