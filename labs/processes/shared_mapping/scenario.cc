#include <sched.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>

#include "labkit/process.h"
#include "visitors.h"

namespace {

constexpr int kDoors = 2;
constexpr int kPerDoor = 300;
constexpr int kBadges = kDoors * kPerDoor;

// The pile of printed badges, for all processes: how often each number. Relaxed
// throughout: the printer keeps nobody in order.
constexpr auto kRelaxed = std::memory_order_relaxed;
struct Pile {
  std::atomic<int> printed[kBadges + 2] = {};
  std::atomic<int> doors_open{0};
  std::atomic<int> printing{0};  // doors that are at it now
  std::atomic<int> waits{0};     // how often one waited for the other
};
Pile* pile = nullptr;

// The first badges take so long that the other door could print one meanwhile:
// where that gives two badges one number, it does so on every machine.
constexpr int kWaits = 20;
constexpr auto kWait = std::chrono::milliseconds(10);

void WaitForTheOtherDoor() {
  if (pile->doors_open.load(kRelaxed) < kDoors) return;
  if (pile->waits.fetch_add(1, kRelaxed) >= kWaits) return;
  const auto end = std::chrono::steady_clock::now() + kWait;
  while (pile->printing.load(kRelaxed) < kDoors &&
         std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
}

// The doors open together, so that they really work side by side.
void OpenDoorsTogether() {
  pile->doors_open.fetch_add(1, kRelaxed);
  while (pile->doors_open.load(kRelaxed) < kDoors) sched_yield();
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
    ASSERT_EQ(pile->printed[number].load(kRelaxed), 1)
        << "so many badges have the number " << number;
  }
  EXPECT_EQ(count, kBadges) << "the director's count";
}

// Two threads share what two processes do, and more; ThreadSanitizer sees what
// both of them do to it. The director asks meanwhile.
CONCURRENT_TEST(Visitors, EveryAccessIsInOrder) {
  constexpr int kEach = 20;
  Pile printed;
  pile = &printed;
  Visitors* visitors = OpenMuseum();
  bool possible = true;

  labkit::RunTogether(
      [&] {
        for (int i = 0; i < kEach; ++i) Admit(visitors);
      },
      [&] {
        for (int i = 0; i < kEach; ++i) {
          const long count = Count(visitors);
          possible &= Admit(visitors) > count;
        }
      });

  EXPECT_EQ(Count(visitors), 2 * kEach);
  CloseMuseum(visitors);
  for (int number = 1; number <= 2 * kEach; ++number) {
    ASSERT_EQ(printed.printed[number].load(kRelaxed), 1)
        << "so many badges have the number " << number;
  }
  EXPECT_TRUE(possible) << "a badge with a number that was counted before";
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
  pile->printing.fetch_add(1, kRelaxed);
  if (number >= 0 && number <= kBadges) {
    pile->printed[number].fetch_add(1, kRelaxed);
  }
  WaitForTheOtherDoor();
  pile->printing.fetch_sub(1, kRelaxed);
  // Printing takes a moment; somebody else may come meanwhile.
  sched_yield();
}
