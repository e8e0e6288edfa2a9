#include <atomic>
#include <thread>

#include "antenna_lock.h"
#include "labkit/labkit.h"

namespace {

CONCURRENT_TEST(AntennaLock, OneInstrumentAtATime) {
  AntennaLock lock;
  labkit::Occupancy antenna;
  auto transmit = [&](int me) {
    lock.Lock(me);
    EXPECT_EQ(antenna.Enter(), 1) << "both instruments have the antenna";
    antenna.Leave();
    lock.Unlock(me);
  };
  std::thread magnetometer(transmit, 1);
  transmit(0);
  magnetometer.join();
}

// The count of packets is a plain variable: the lock alone must keep the two
// apart and hand over what was written. One of them comes back for more.
CONCURRENT_TEST(AntennaLock, WhatOneDidTheOtherSees) {
  AntennaLock lock;
  int packets = 0;
  auto transmit = [&](int me, int times) {
    for (int i = 0; i < times; ++i) {
      lock.Lock(me);
      ++packets;
      lock.Unlock(me);
    }
  };
  std::thread magnetometer(transmit, 1, 2);
  transmit(0, 1);
  magnetometer.join();
  EXPECT_EQ(packets, 3);
}

// One comes back until the other has had its turn; each of them once. In steps
// taken at random the other has soon said that it wants in, and then it is the
// next.
CONCURRENT_TEST(AntennaLock, WhoWantsInGetsIn) {
  constexpr int kPatience = 12;
  for (const int waiter : {1, 0}) {
    AntennaLock lock;
    std::atomic<bool> had_its_turn{false};  // relaxed: orders nothing
    std::thread instrument([&] {
      lock.Lock(waiter);
      had_its_turn.store(true, std::memory_order_relaxed);
      lock.Unlock(waiter);
    });
    bool seen = false;
    for (int i = 0; i < kPatience && !seen; ++i) {
      lock.Lock(1 - waiter);
      seen = had_its_turn.load(std::memory_order_relaxed);
      lock.Unlock(1 - waiter);
    }
    instrument.join();
    EXPECT_TRUE(seen) << "one instrument came back " << kPatience
                      << " times, and the other one still waited";
  }
}

// Either may be the first, and may come again without the other having been in
// between. A second antenna has a lock of its own.
TEST(AntennaLock, NobodyWaitsForAnAbsentOne) {
  AntennaLock lock;
  for (const int me : {1, 1, 0, 0}) {
    lock.Lock(me);
    lock.Unlock(me);
  }
  AntennaLock second;
  lock.Lock(0);
  second.Lock(1);
  second.Unlock(1);
  lock.Unlock(0);
}

}  // namespace
