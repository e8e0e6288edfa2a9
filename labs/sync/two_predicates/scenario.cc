#include <atomic>
#include <thread>

#include "kitchen_pass.h"
#include "labkit/labkit.h"

namespace {

CONCURRENT_TEST(KitchenPass, TwoWaitersServeTwoPlates) {
  KitchenPass pass;
  int served[2] = {};
  std::thread ada([&] { served[0] = pass.Take(); });
  std::thread bob([&] { served[1] = pass.Take(); });
  pass.Put(1);
  pass.Put(2);
  ada.join();
  bob.join();
  EXPECT_EQ(served[0] + served[1], 3) << "plates 1 and 2, each of them once";
}

CONCURRENT_TEST(KitchenPass, TwoCooksFillThreePlates) {
  constexpr int kOtherPlate = 2'000'000'000;
  KitchenPass pass;
  KitchenPass other_kitchen;
  other_kitchen.Put(kOtherPlate);
  pass.Put(4);  // both cooks find the pass taken
  std::thread ada([&] { pass.Put(1); });
  std::thread bob([&] { pass.Put(2); });
  const int first = pass.Take();
  const int second = pass.Take();
  const int third = pass.Take();
  EXPECT_EQ(first, 4) << "it was put first";
  EXPECT_EQ(first + second + third, 7) << "each plate once";
  ada.join();
  bob.join();
  EXPECT_EQ(other_kitchen.Take(), kOtherPlate)
      << "a plate of the other kitchen, which has a pass of its own";
}

// Enough waiters to use up every notification but that of a cook, also where
// each change of the pass gives several.
CONCURRENT_TEST(KitchenPass, ACookAmongManyWaiters) {
  constexpr int kWaiters = 12;
  KitchenPass pass;
  std::thread waiters[kWaiters];
  for (std::thread& waiter : waiters)
    waiter = std::thread([&] { pass.Take(); });
  std::thread cook([&] { pass.Put(1); });
  pass.Put(2);
  cook.join();
  for (int plate = 3; plate <= kWaiters; ++plate) pass.Put(plate);
  for (std::thread& waiter : waiters) waiter.join();
}

// A cook comes away from the second plate only after the first has been taken.
// Relaxed, so that the pass alone keeps the two in order.
CONCURRENT_TEST(KitchenPass, HasRoomForOnePlate) {
  KitchenPass pass;
  std::atomic<bool> second_stands_there{false};
  std::thread cook([&] {
    pass.Put(1);
    pass.Put(2);
    second_stands_there.store(true, std::memory_order_relaxed);
  });
  EXPECT_FALSE(second_stands_there.load(std::memory_order_relaxed))
      << "two plates on the pass, which has room for one";
  pass.Take();
  pass.Take();
  cook.join();
}

CONCURRENT_TEST(KitchenPass, PlatesComeInOrder) {
  const int plates =
      labkit::ByEngine{.model = 2, .tsan = 200, .stress = 500}.get();
  KitchenPass pass;
  std::thread cook([&] {
    for (int plate = 1; plate <= plates; ++plate) pass.Put(plate);
  });
  for (int plate = 1; plate <= plates; ++plate) EXPECT_EQ(pass.Take(), plate);
  cook.join();
}

}  // namespace
