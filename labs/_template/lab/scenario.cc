// What must hold, whatever the interleaving. It tests the contract in lab.h, so
// that every right design passes.

#include <thread>

#include "lab.h"
#include "labkit/labkit.h"

namespace {

TEST(Total, AddsUp) {
  const int before = @LAB@::Total();
  @LAB@::Add(3);
  @LAB@::Add(4);
  EXPECT_EQ(@LAB@::Total() - before, 7);
}

CONCURRENT_TEST(Total, NothingIsLost) {
  const int times =
      labkit::ByEngine{.model = 2, .tsan = 1000, .stress = 20000}.get();
  const int before = @LAB@::Total();
  const auto add = [times] {
    for (int i = 0; i < times; ++i) @LAB@::Add(1);
  };
  std::thread a(add);
  std::thread b(add);
  a.join();
  b.join();
  EXPECT_EQ(@LAB@::Total() - before, 2 * times);
}

CONCURRENT_TEST(Total, CanBeReadMeanwhile) {
  const int before = @LAB@::Total();
  std::thread adds([] { @LAB@::Add(2); });
  const int seen = @LAB@::Total() - before;
  adds.join();
  EXPECT_TRUE(seen == 0 || seen == 2) << "saw " << seen;
}

}  // namespace
