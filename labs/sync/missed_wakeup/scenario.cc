#include <atomic>
#include <thread>

#include "labkit/labkit.h"
#include "startup_gate.h"

namespace {

// What the calibration finds out. Relaxed, so that it orders nothing: that a
// handler sees it is the gate's work.
class Offset {
 public:
  void Set(int value) { value_.store(value, std::memory_order_relaxed); }
  int Get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<int> value_{0};
};

CONCURRENT_TEST(StartupGate, HandlerGetsThroughAndSeesTheCalibration) {
  StartupGate other_gate;
  other_gate.Open();
  StartupGate gate;
  other_gate.WaitUntilOpen();  // of the two, only this one is open
  Offset offset;
  std::thread calibration([&] {
    offset.Set(7);
    gate.Open();
  });
  gate.WaitUntilOpen();
  EXPECT_EQ(offset.Get(), 7)
      << "the handler was let in before the gate was opened";
  calibration.join();
}

CONCURRENT_TEST(StartupGate, EveryHandlerGetsThrough) {
  StartupGate gate;
  Offset offset;
  auto handle = [&] {
    gate.WaitUntilOpen();
    EXPECT_EQ(offset.Get(), 7)
        << "the handler was let in before the gate was opened";
  };
  std::thread first(handle);
  std::thread second(handle);
  offset.Set(7);
  gate.Open();
  first.join();
  second.join();
}

CONCURRENT_TEST(StartupGate, ACrowdGetsThrough) {
  StartupGate gate;
  std::thread handlers[20];
  for (std::thread& handler : handlers) {
    handler = std::thread([&] { gate.WaitUntilOpen(); });
  }
  gate.Open();
  for (std::thread& handler : handlers) handler.join();
}

// The gate was opened before anybody came: it must not matter, nor how many
// come.
TEST(StartupGate, StaysOpen) {
  StartupGate gate;
  gate.Open();
  for (int handler = 0; handler < 100'000; ++handler) gate.WaitUntilOpen();
}

}  // namespace
