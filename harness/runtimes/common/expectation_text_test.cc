#include "runtimes/common/expectation_text.h"

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace racelab::runtimes {
namespace {

// What GoogleTest itself says, so that another version of it is noticed.
template <typename F>
std::string Sentence(F fail) {
  testing::TestPartResultArray results;
  {
    testing::ScopedFakeTestPartResultReporter reporter(
        testing::ScopedFakeTestPartResultReporter::
            INTERCEPT_ONLY_CURRENT_THREAD,
        &results);
    fail();
  }
  return results.size() == 1
             ? ExpectationSentence(results.GetTestPartResult(0).message())
             : "not one failure";
}

int Value() { return 1; }

TEST(ExpectationSentence, SaysWhatAValueShouldBe) {
  const int limit = 2;
  EXPECT_EQ(Sentence([] { EXPECT_EQ(Value(), 2); }),
            "Value() should be 2, but is 1");
  EXPECT_EQ(Sentence([] { EXPECT_EQ(2, Value()); }),
            "Value() should be 2, but is 1");
  EXPECT_EQ(Sentence([&] { EXPECT_EQ(Value(), limit) << "lost\nupdates"; }),
            "Value() should be limit, which is 2, but is 1: lost updates");
  EXPECT_EQ(Sentence([] {
              EXPECT_EQ(std::vector<int>{Value()}, std::vector<int>{});
            }),
            "std::vector<int>{Value()} should be std::vector<int>{}, which is "
            "{}, but "
            "is { 1 }");
}

TEST(ExpectationSentence, SaysWhatShouldBeTrue) {
  EXPECT_EQ(Sentence([] { EXPECT_TRUE(Value() == 2) << "not yet"; }),
            "Value() == 2 should be true, but is false: not yet");
  EXPECT_EQ(Sentence([] { EXPECT_FALSE(Value() == 1); }),
            "Value() == 1 should be false, but is true");
}

TEST(ExpectationSentence, SaysWhichComparisonShouldHold) {
  EXPECT_EQ(Sentence([] { EXPECT_LT(2, Value()); }),
            "2 < (Value()) should hold, but here it is 2 < 1");
  const int balance = -3;
  EXPECT_EQ(Sentence([&] { EXPECT_GE(balance, 0) << "overdrawn"; }),
            "balance >= 0 should hold, but here it is -3 >= 0: overdrawn");
  EXPECT_EQ(Sentence([&] { EXPECT_NE(balance, -3); }),
            "balance != -3 should hold, but here it is -3 != -3");
}

TEST(ExpectationSentence, PutsAnythingElseIntoOneLine) {
  EXPECT_EQ(Sentence([] { ADD_FAILURE() << "nobody\ncame"; }), "nobody came");
  EXPECT_EQ(ExpectationSentence("a\n  b\n\n"), "a b");
  EXPECT_EQ(ExpectationSentence("Failed"), "Failed");
  EXPECT_EQ(ExpectationSentence(""), "");
  EXPECT_EQ(ExpectationSentence("Expected equality of these values:\n  1\n  2"),
            "Expected equality of these values: 1 2");
  EXPECT_EQ(ExpectationSentence("Expected: odd"), "Expected: odd");
}

}  // namespace
}  // namespace racelab::runtimes
