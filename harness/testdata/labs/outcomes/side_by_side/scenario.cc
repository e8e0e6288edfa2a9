#include <atomic>
#include <thread>

#include "labkit/labkit.h"
#include "work.h"

namespace {

CONCURRENT_TEST(Work, GoesOnSideBySide) {
  EXPECT_REACHABLE("one at work");
  EXPECT_REACHABLE("two at work at once");
  std::atomic<int> at_work{0};
  const auto job = [&at_work] {
    if (at_work.fetch_add(1) == 1) {
      REACHED("two at work at once");
    } else {
      REACHED("one at work");
    }
    at_work.fetch_sub(1);
  };
  std::thread a([&job] { Work(job); });
  std::thread b([&job] { Work(job); });
  a.join();
  b.join();
}

}  // namespace
