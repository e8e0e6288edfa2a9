#include <thread>

#include "labkit/labkit.h"
#include "startup_gate.h"

namespace {

CONCURRENT_TEST(StartupGate, HandlerGetsThroughAndSeesTheCalibration) {
  StartupGate gate;
  int offset = 0;  // what the calibration finds out
  std::thread calibration([&] {
    offset = 7;
    gate.Open();
  });
  gate.WaitUntilOpen();
  EXPECT_EQ(offset, 7) << "the handler was let in before the gate was opened";
  calibration.join();
}

CONCURRENT_TEST(StartupGate, EveryHandlerGetsThrough) {
  StartupGate gate;
  int offset = 0;
  auto handle = [&] {
    gate.WaitUntilOpen();
    EXPECT_EQ(offset, 7) << "the handler was let in before the gate was opened";
  };
  std::thread first(handle);
  std::thread second(handle);
  offset = 7;
  gate.Open();
  first.join();
  second.join();
}

// The gate was opened before anybody came: it must not matter.
CONCURRENT_TEST(StartupGate, StaysOpen) {
  StartupGate gate;
  gate.Open();
  gate.WaitUntilOpen();
  gate.WaitUntilOpen();
}

}  // namespace
