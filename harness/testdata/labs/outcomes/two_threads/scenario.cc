#include <thread>

#include "answer.h"
#include "labkit/labkit.h"

namespace {

TEST(Act, OnceMakesOne) {
  const int before = Result();
  Act();
  EXPECT_EQ(Result() - before, 1);
}

CONCURRENT_TEST(Act, TwiceMakesTwo) {
  const int before = Result();
  std::thread a(Act);
  std::thread b(Act);
  a.join();
  b.join();
  EXPECT_EQ(Result() - before, 2);
}

}  // namespace
