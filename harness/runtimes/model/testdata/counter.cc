// A counter, plain, locked and atomic.

#include <atomic>
#include <mutex>
#include <thread>

#include "labkit/labkit.h"

namespace {

int plain = 0;
std::atomic<int> loaded_and_stored{0};
std::atomic<int> added{0};
std::mutex mutex;
int locked = 0;

}  // namespace

CONCURRENT_TEST(Counter, PlainLosesAnIncrement) {
  labkit::RunTogether([] { ++plain; }, [] { ++plain; });
  EXPECT_EQ(plain, 2);
}

CONCURRENT_TEST(Counter, LoadAndStoreLosesAnIncrement) {
  auto increment = [] {
    loaded_and_stored.store(loaded_and_stored.load() + 1);
  };
  labkit::RunTogether(increment, increment);
  EXPECT_EQ(loaded_and_stored.load(), 2);
}

CONCURRENT_TEST(Counter, LockedLosesNone) {
  auto increment = [] {
    std::lock_guard<std::mutex> lock(mutex);
    ++locked;
  };
  labkit::RunTogether(increment, increment);
  EXPECT_EQ(locked, 2);
}

CONCURRENT_TEST(Counter, AtomicLosesNone) {
  auto increment = [] { added.fetch_add(1, std::memory_order_relaxed); };
  labkit::RunTogether(increment, increment);
  EXPECT_EQ(added.load(), 2);
}

CONCURRENT_TEST(Counter, JthreadLosesNone) {
  {
    std::jthread first([] { ++added; });
    std::jthread second([] { ++added; });
  }
  EXPECT_EQ(added.load(), 2);
}

TEST(Counter, StartsAtZero) { EXPECT_EQ(plain + locked, 0); }
