// A module for the frame's own tests.
#include <cstdlib>
#include <stdexcept>

#include "labkit/labkit.h"

static int calls = 0;

TEST(Sequential, Passes) { EXPECT_EQ(++calls, 1); }
TEST(Sequential, FailsTwice) {
  EXPECT_EQ(2 + 2, 5) << "arithmetic";
  EXPECT_TRUE(false);
}
TEST(Sequential, Throws) { throw std::runtime_error("out of cheese"); }
// Must never come out as passed.
TEST(Sequential, Skips) { GTEST_SKIP(); }
TEST(Sequential, Leaves) { std::exit(0); }
TEST(Sequential, Crashes) { *static_cast<volatile int*>(nullptr) = 1; }
CONCURRENT_TEST(Concurrent, Passes) {
  int a = 0, b = 0;
  labkit::RunTogether([&] { a = 1; }, [&] { b = 1; });
  EXPECT_EQ(a + b, 2);
}
CONCURRENT_TEST(Concurrent, FailsInAThread) {
  labkit::RunTogether([] { EXPECT_EQ(1, 2) << "in a thread"; });
}
CONCURRENT_TEST(Concurrent, SkipsInAThread) {
  labkit::RunTogether([] { GTEST_SKIP(); });
}
