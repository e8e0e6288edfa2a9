// A global whose initializer ends the process.
#include <cstdlib>

#include "labkit/labkit.h"

static const int never = [] {
  std::_Exit(0);
  return 1;
}();

TEST(Never, Runs) { EXPECT_EQ(never, 1); }
