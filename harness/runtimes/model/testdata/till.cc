// Programs that a lock would repair, and programs that none would.

#include <atomic>
#include <mutex>
#include <thread>

#include "labkit/labkit.h"

// A student's file, to the debug information.
#line 1 "student/till.cc"
namespace till {

std::mutex lock;
int takings = 0;
int seats = 1;
std::atomic<bool> closed{false};

[[gnu::noinline]] void Take(int amount) {
  std::lock_guard<std::mutex> guard(lock);
  takings += amount;
}
[[gnu::noinline]] int Look() { return takings; }

[[gnu::noinline]] bool SeatIsFree() {
  std::lock_guard<std::mutex> guard(lock);
  return seats > 0;
}
[[gnu::noinline]] bool Sell() {
  if (!SeatIsFree()) return false;
  std::lock_guard<std::mutex> guard(lock);
  --seats;
  return true;
}

// Holding the lock throughout would keep Close() out for ever.
[[gnu::noinline]] void WaitUntilClosed() {
  const int before = takings;
  while (!closed.load()) std::this_thread::yield();
  takings = before;
}
[[gnu::noinline]] void Close() {
  Take(1);
  closed.store(true);
}

}  // namespace till

CONCURRENT_TEST(Till, LookingTakesNoLock) {
  labkit::RunTogether([] { till::Take(1); },
                      [] { EXPECT_GE(till::Look(), 0); });
}

CONCURRENT_TEST(Till, SellingLetsGoInBetween) {
  labkit::RunTogether([] { till::Sell(); }, [] { till::Sell(); });
  EXPECT_EQ(till::seats, 0);
}

CONCURRENT_TEST(Till, WaitingWithTheLockWouldBeADeadlock) {
  labkit::RunTogether([] { till::WaitUntilClosed(); }, [] { till::Close(); });
}

CONCURRENT_TEST(Till, IsWrongWhateverIsLocked) {
  labkit::RunTogether([] { till::Take(1); },
                      [] { EXPECT_GE(till::Look(), 0); });
  EXPECT_EQ(till::takings, 2);
}
