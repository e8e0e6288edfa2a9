#include <sched.h>

#include <atomic>
#include <memory>

#include "labkit/process.h"
#include "visitors.h"

namespace {

constexpr int kDoors = 2;
constexpr int kPerDoor = 300;
constexpr int kBadges = kDoors * kPerDoor;

// The pile of printed badges, for all processes: how often each number.
struct Pile {
  std::atomic<int> printed[kBadges + 2] = {};
  std::atomic<int> doors_open{0};
};
Pile* pile = nullptr;

// The doors open together, so that they really work side by side.
void OpenDoorsTogether() {
  pile->doors_open.fetch_add(1);
  while (pile->doors_open.load() < kDoors) sched_yield();
}

TEST(Visitors, EveryBadgeHasItsOwnNumber) {
  labkit::Shared<Pile> shared_pile;
  pile = &*shared_pile;
  Visitors* visitors = OpenMuseum();
  {
    std::unique_ptr<labkit::Child> doors[kDoors];
    for (auto& door : doors) {
      door = std::make_unique<labkit::Child>([visitors] {
        OpenDoorsTogether();
        for (int i = 0; i < kPerDoor; ++i) Admit(visitors);
      });
    }
    for (auto& door : doors) EXPECT_TRUE(door->Wait().ok());
  }
  const long count = Count(visitors);
  CloseMuseum(visitors);
  for (int number = 1; number <= kBadges; ++number) {
    ASSERT_EQ(pile->printed[number].load(), 1)
        << "so many badges have the number " << number;
  }
  EXPECT_EQ(count, kBadges) << "the director's count";
}

TEST(Visitors, TheDirectorSeesTheCount) {
  labkit::Shared<Pile> shared_pile;
  pile = &*shared_pile;
  Visitors* visitors = OpenMuseum();
  {
    labkit::Child door([visitors] { return Admit(visitors) == 1 ? 0 : 1; });
    EXPECT_EQ(door.Wait().code, 0) << "the first badge has the number 1";
  }
  EXPECT_EQ(Count(visitors), 1) << "a visitor of another process counts";
  {
    labkit::Child door([visitors] { return Admit(visitors) == 2 ? 0 : 1; });
    EXPECT_EQ(door.Wait().code, 0) << "the second badge has the number 2";
  }
  EXPECT_EQ(Count(visitors), 2);
  CloseMuseum(visitors);
}

TEST(Visitors, OneDoorCountsFromOne) {
  labkit::Shared<Pile> shared_pile;
  pile = &*shared_pile;
  Visitors* visitors = OpenMuseum();
  EXPECT_EQ(Count(visitors), 0);
  EXPECT_EQ(Admit(visitors), 1);
  EXPECT_EQ(Admit(visitors), 2);
  EXPECT_EQ(Count(visitors), 2);
  CloseMuseum(visitors);
}

}  // namespace

void PrintBadge(long number) {
  if (number >= 0 && number <= kBadges) pile->printed[number].fetch_add(1);
  // Printing takes a moment; somebody else may come meanwhile.
  sched_yield();
}
