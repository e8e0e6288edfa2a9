#include "runtimes/common/expectations.h"

#include <gmock/gmock.h>

#include <thread>

namespace racelab::runtimes {
namespace {

using ::testing::HasSubstr;

TEST(ExpectationScope, TakesTheFailuresOfEveryThread) {
  std::vector<ExpectationFailure> failures;
  int skips = 0;
  {
    ExpectationScope scope(
        [&](const ExpectationFailure& failure) { failures.push_back(failure); },
        [&] { ++skips; });
    EXPECT_EQ(1, 2) << "here";
    std::thread([] { EXPECT_TRUE(false) << "there"; }).join();
    EXPECT_EQ(skips, 0);
    std::thread([] { GTEST_SKIP() << "taken by the scope"; }).join();
  }
  EXPECT_EQ(skips, 1);
  ASSERT_EQ(failures.size(), 2u);
  EXPECT_THAT(failures[0].message, HasSubstr("here"));
  EXPECT_THAT(failures[0].file, HasSubstr("expectations_test.cc"));
  EXPECT_GT(failures[0].line, 0);
  EXPECT_THAT(failures[1].message, HasSubstr("there"));
}

TEST(ToFinding, SaysAnExpectationInOneLine) {
  const verdict::Finding finding =
      ToFinding({.file = "scenario.cc",
                 .line = 12,
                 .message = "Expected equality of these values:\n  value()\n"
                            "    Which is: 1\n  2\n"});
  EXPECT_EQ(finding.kind, verdict::FailureKind::kWrongResult);
  EXPECT_EQ(finding.where.line, 12);
  EXPECT_EQ(finding.message, "value() should be 2, but is 1");
}

TEST(ToFinding, CallsAnExceptionACrash) {
  const verdict::Finding finding = ToFinding(
      {.file = "",
       .line = 0,
       .message = "C++ exception with description \"out of cheese\" thrown in "
                  "the test body."});
  EXPECT_EQ(finding.kind, verdict::FailureKind::kCrash);
  EXPECT_THAT(finding.message, HasSubstr("never caught: out of cheese"));
}

}  // namespace
}  // namespace racelab::runtimes
