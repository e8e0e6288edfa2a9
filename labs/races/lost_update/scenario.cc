// The museum opens: two doors count into one counter, and the guard reads it.

#include <semaphore>
#include <thread>

#include "counter.h"
#include "labkit/labkit.h"

namespace {

TEST(Counter, AddsUpGroups) {
  const int before = museum::VisitorsToday();
  museum::Admit(1);
  museum::Admit(100000);
  EXPECT_EQ(museum::VisitorsToday() - before, 100001);
}

CONCURRENT_TEST(Counter, NoIncrementIsLost) {
  const int visitors =
      labkit::ByEngine{.model = 2, .tsan = 1000, .stress = 20000}.get();
  const int before = museum::VisitorsToday();
  const auto door = [visitors] {
    for (int i = 0; i < visitors; ++i) museum::Admit(1);
  };

  std::thread north(door);
  std::thread south(door);
  north.join();
  south.join();

  EXPECT_EQ(museum::VisitorsToday() - before, 2 * visitors)
      << "visitors came in who were never counted (or counted twice)";
}

CONCURRENT_TEST(Counter, CanBeReadWhileCounting) {
  const int couples =
      labkit::ByEngine{.model = 2, .tsan = 1000, .stress = 5000}.get();
  const int before = museum::VisitorsToday();

  std::thread door([couples] {
    for (int i = 0; i < couples; ++i) museum::Admit(2);
  });
  int last = 0;
  bool only_whole_couples = true;
  bool never_backwards = true;
  for (int i = 0; i < couples; ++i) {
    const int now = museum::VisitorsToday() - before;
    only_whole_couples &= now % 2 == 0;
    never_backwards &= now >= last;
    last = now;
  }
  door.join();

  EXPECT_TRUE(only_whole_couples) << "the guard saw half a couple";
  EXPECT_TRUE(never_backwards) << "the counter ran backwards";
  EXPECT_LE(last, 2 * couples);
  EXPECT_EQ(museum::VisitorsToday() - before, 2 * couples);
}

// Doors that ask: a door's own people are in, and each other door's are either
// in or not.
CONCURRENT_TEST(Counter, CountsEverybodyWhoIsIn) {
  constexpr int kPeople[] = {1, 37, 70100};
  const int before = museum::VisitorsToday();
  int seen[] = {0, 0, 0};

  labkit::RunThreads(3, [&](int door) {
    museum::Admit(kPeople[door]);
    seen[door] = museum::VisitorsToday() - before;
  });

  for (int door = 0; door < 3; ++door) {
    const int one = kPeople[(door + 1) % 3];
    const int other = kPeople[(door + 2) % 3];
    const int others = seen[door] - kPeople[door];
    EXPECT_TRUE(others == 0 || others == one || others == other ||
                others == one + other)
        << kPeople[door] << " were in for certain, and groups of " << one
        << " and " << other << " may have been; the guard was told "
        << seen[door];
  }
  EXPECT_EQ(museum::VisitorsToday() - before, 70138);
}

// The people are in, as the guard has heard, and the door stays open.
CONCURRENT_TEST(Counter, CountsAtADoorThatStaysOpen) {
  const int before = museum::VisitorsToday();
  std::binary_semaphore they_are_in{0};
  std::binary_semaphore evening{0};

  std::thread door([&] {
    museum::Admit(5);
    they_are_in.release();
    evening.acquire();
  });
  they_are_in.acquire();
  const int seen = museum::VisitorsToday() - before;
  evening.release();
  door.join();

  EXPECT_EQ(seen, 5) << "people were in whom nobody had counted yet";

  // School classes in the afternoon, and one more door for each.
  for (int school_class = 0; school_class < 28; ++school_class) {
    std::thread([] { museum::Admit(20); }).join();
  }
  EXPECT_EQ(museum::VisitorsToday() - before, 5 + 28 * 20)
      << "a museum may have any number of doors";
}

}  // namespace
