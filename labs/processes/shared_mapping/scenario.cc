#include <sched.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <memory>
#include <set>
#include <string>
#include <thread>

#include "labkit/process.h"
#include "visitors.h"

namespace {

constexpr int kDoors = 3;
constexpr int kPerDoor = 2000;
constexpr int kBadges = kDoors * kPerDoor;

// The pile of printed badges, for all processes: how often each number, and how
// often a visitor was told it. Relaxed throughout: the printer keeps nobody in
// order.
constexpr auto kRelaxed = std::memory_order_relaxed;
struct Pile {
  std::atomic<int> printed[kBadges + 1] = {};
  std::atomic<int> told[kBadges + 1] = {};
  std::atomic<int> doors_open{0};
  std::atomic<int> printing{0};  // doors that are at it now
  std::atomic<int> waits{0};     // how often one waited for another
};
Pile* pile = nullptr;

// The first badges take so long that another door could print one meanwhile:
// where that gives two badges one number, it does so on every machine.
constexpr int kWaits = 20;
constexpr auto kWait = std::chrono::milliseconds(10);
constexpr int kSlow = 600;

void WaitForAnotherDoor() {
  if (pile->doors_open.load(kRelaxed) < kDoors) return;
  if (pile->waits.fetch_add(1, kRelaxed) >= kWaits) return;
  const auto end = std::chrono::steady_clock::now() + kWait;
  while (pile->printing.load(kRelaxed) < 2 &&
         std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
}

// The doors open together, so that they really work side by side.
void OpenDoorsTogether(int doors = kDoors) {
  pile->doors_open.fetch_add(1, kRelaxed);
  while (pile->doors_open.load(kRelaxed) < doors) sched_yield();
}

// The files below /tmp that this process has open, or mapped.
std::set<std::string> FilesInUse() {
  std::set<std::string> files;
  for (int descriptor = 0; descriptor < 100; ++descriptor) {
    const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
    char name[200];
    const ssize_t length = readlink(link.c_str(), name, sizeof name);
    if (length > 0) files.emplace(name, length);
  }
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    const size_t name = line.find('/');
    if (name != line.npos) files.insert(line.substr(name));
  }
  std::erase_if(files, [](const std::string& name) {
    return !name.starts_with("/tmp/") || access(name.c_str(), F_OK) != 0;
  });
  return files;
}

// While it is set, what is in use when a badge is printed is noted here.
std::set<std::string>* files_in_use = nullptr;

TEST(Visitors, EveryBadgeHasItsOwnNumber) {
  labkit::Shared<Pile> shared_pile;
  pile = &*shared_pile;
  Visitors* visitors = OpenMuseum();
  {
    std::unique_ptr<labkit::Child> doors[kDoors];
    for (auto& door : doors) {
      door = std::make_unique<labkit::Child>([visitors] {
        OpenDoorsTogether();
        for (int i = 0; i < kPerDoor; ++i) {
          const long number = Admit(visitors);
          if (number < 0 || number > kBadges) return 1;
          pile->told[number].fetch_add(1, kRelaxed);
        }
        return 0;
      });
    }
    for (auto& door : doors) {
      EXPECT_TRUE(door->Wait().ok()) << "a number that is too large";
    }
  }
  const long count = Count(visitors);
  CloseMuseum(visitors);
  for (int number = 1; number <= kBadges; ++number) {
    ASSERT_EQ(pile->printed[number].load(kRelaxed), 1)
        << "so many badges have the number " << number;
    ASSERT_EQ(pile->told[number].load(kRelaxed), 1)
        << "so often Admit() returned the number " << number;
  }
  EXPECT_EQ(count, kBadges) << "the director's count";

  // An open day: another museum, with so many doors and a visitor at each.
  constexpr int kManyDoors = 40;
  labkit::Shared<Pile> pile_of_that_day;
  pile = &*pile_of_that_day;
  pile->waits.store(kWaits, kRelaxed);  // the crowd will do
  visitors = OpenMuseum();
  {
    std::unique_ptr<labkit::Child> doors[kManyDoors];
    for (auto& door : doors) {
      door = std::make_unique<labkit::Child>([visitors] {
        OpenDoorsTogether(kManyDoors);
        Admit(visitors);
      });
    }
    for (auto& door : doors) EXPECT_TRUE(door->Wait().ok());
  }
  EXPECT_EQ(Count(visitors), kManyDoors) << "one visitor at each door";
  CloseMuseum(visitors);
  for (int number = 1; number <= kManyDoors; ++number) {
    ASSERT_EQ(pile->printed[number].load(kRelaxed), 1)
        << "so many badges of the open day have the number " << number;
  }
}

// Threads share what processes do, and more; ThreadSanitizer sees what all of
// them do to it. They ask for the count meanwhile.
CONCURRENT_TEST(Visitors, EveryAccessIsInOrder) {
  constexpr int kEach = 20;
  labkit::Shared<Pile> shared_pile;
  pile = &*shared_pile;
  pile->waits.store(kWaits, kRelaxed);  // the engines have ways of their own
  Visitors* visitors = OpenMuseum();
  bool possible[kDoors] = {true, true, true};
  const auto door = [&](int me) {
    OpenDoorsTogether();
    long after = 0;
    for (int i = 0; i < kEach; ++i) {
      const long before = Count(visitors);
      possible[me] &= before >= after;
      possible[me] &= Admit(visitors) > before;
      after = Count(visitors);
      possible[me] &= after > before;
    }
  };

  labkit::RunThreads(kDoors, door);

  EXPECT_EQ(Count(visitors), kDoors * kEach);
  CloseMuseum(visitors);
  for (int number = 1; number <= kDoors * kEach; ++number) {
    ASSERT_EQ(pile->printed[number].load(kRelaxed), 1)
        << "so many badges have the number " << number;
  }
  EXPECT_TRUE(possible[0] && possible[1] && possible[2])
      << "a number that was counted before, or a count that goes down";
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
  std::set<std::string> files;
  const std::set<std::string> files_before = FilesInUse();
  files_in_use = &files;
  Visitors* visitors = OpenMuseum();
  EXPECT_EQ(Count(visitors), 0);
  EXPECT_EQ(Admit(visitors), 1);
  EXPECT_EQ(Admit(visitors), 2);
  EXPECT_EQ(Count(visitors), 2);
  files_in_use = nullptr;

  Visitors* others = OpenMuseum();
  EXPECT_EQ(Count(others), 0) << "these two are another museum's";
  EXPECT_EQ(Admit(others), 1);
  EXPECT_EQ(Count(visitors), 2) << "this one is another museum's";
  CloseMuseum(others);

  // More than fit into 16 bits.
  while (Count(visitors) < 70'000) {
    const long count = Count(visitors);
    ASSERT_EQ(Admit(visitors), count + 1) << "the next number";
  }
  CloseMuseum(visitors);
  for (const std::string& file : files) {
    const bool left_behind =
        !files_before.contains(file) && access(file.c_str(), F_OK) == 0;
    EXPECT_FALSE(left_behind) << file;
  }
}

}  // namespace

void PrintBadge(long number) {
  if (files_in_use != nullptr) files_in_use->merge(FilesInUse());
  pile->printing.fetch_add(1, kRelaxed);
  if (number >= 0 && number <= kBadges) {
    pile->printed[number].fetch_add(1, kRelaxed);
  }
  WaitForAnotherDoor();
  pile->printing.fetch_sub(1, kRelaxed);
  // Printing takes a moment, at first; somebody else may come meanwhile.
  if (number <= kSlow) sched_yield();
}
