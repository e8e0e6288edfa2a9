// A global that holds a block of the heap when the module has been loaded.
#include <mutex>
#include <vector>

#include "labkit/labkit.h"

namespace {

std::vector<int> list(1000, 1);
std::mutex mutex;

}  // namespace

CONCURRENT_TEST(HeapGlobals, AreAsAtFirstInEveryRun) {
  ASSERT_EQ(list.size(), 1000u);
  EXPECT_EQ(list.front(), 1);
  const auto push = [] {
    const std::scoped_lock lock(mutex);
    list.front() = 0;
    list.push_back(2);
  };
  labkit::RunTogether(push, push);
  EXPECT_EQ(list.size(), 1002u);
}
