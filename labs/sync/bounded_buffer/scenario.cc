// A morning in the bakery: one baker and one assistant, two bakers, two
// assistants. Loaves are numbered, so that we see which one went where.

#include <atomic>
#include <utility>
#include <vector>

#include "labkit/labkit.h"
#include "rack.h"

namespace {

using bakery::Rack;

TEST(Rack, GivesBackTheOldestLoaf) {
  Rack rack(2);
  rack.Put(1);
  rack.Put(2);
  EXPECT_EQ(rack.Take(), 1);
  rack.Put(3);  // goes round the end of the ring
  EXPECT_EQ(rack.Take(), 2);
  EXPECT_EQ(rack.Take(), 3);

  // A large one, which has nothing to do with the small one beside it.
  constexpr int kPlaces = 2000;
  Rack large(kPlaces);
  for (int i = 1; i <= kPlaces; ++i) {
    large.Put(i * 1000);
    if (i == kPlaces / 2) rack.Put(4);
  }
  EXPECT_EQ(large.Take(), 1000);
  large.Put(5);  // there is one place
  for (int i = 2; i <= kPlaces; ++i) EXPECT_EQ(large.Take(), i * 1000);
  EXPECT_EQ(large.Take(), 5);
  EXPECT_EQ(rack.Take(), 4) << "each rack has its own loaves";
}

CONCURRENT_TEST(Rack, KeepsTheOrder) {
  const int loaves =
      labkit::ByEngine{.model = 2, .tsan = 2000, .stress = 2000}.get();
  Rack rack(1);
  Rack other_rack(1);
  other_rack.Put(-1);  // not for those who wait at the first
  int out_of_order = 0;

  labkit::RunTogether(
      [&] {
        for (int i = 1; i <= loaves; ++i) rack.Put(i);
      },
      [&] {
        for (int i = 1; i <= loaves; ++i) {
          if (rack.Take() != i) ++out_of_order;
        }
      });

  EXPECT_EQ(out_of_order, 0) << "loaves lost, sold twice or out of order";
}

// The baker comes away from the loaf that finds no place only after another one
// has been taken. Relaxed, so that the rack alone keeps the two in order.
CONCURRENT_TEST(Rack, HoldsNoMoreThanItHasPlaces) {
  for (const int places : {1, 3}) {
    Rack rack(places);
    for (int i = 1; i < places; ++i) rack.Put(i);
    std::atomic<bool> last_lies_there{false};
    bool too_early = false;

    labkit::RunTogether(
        [&] {
          rack.Put(places);
          rack.Put(places + 1);
          last_lies_there.store(true, std::memory_order_relaxed);
        },
        [&] {
          too_early = last_lies_there.load(std::memory_order_relaxed);
          rack.Take();
          rack.Take();
        });

    EXPECT_FALSE(too_early) << "one loaf too many on a rack for " << places;
  }
}

// The rack is full when they come, so that both may have to wait.
CONCURRENT_TEST(Rack, TakesLoavesFromTwoBakers) {
  const int each =
      labkit::ByEngine{.model = 1, .tsan = 1000, .stress = 1000}.get();
  const int loaves = 2 * each + 2;
  Rack rack(2);
  rack.Put(2 * each);
  rack.Put(2 * each + 1);
  std::vector<int> taken(loaves, 0);  // how often loaf i was taken
  const auto bake = [&rack, each](int first) {
    for (int i = 0; i < each; ++i) rack.Put(first + i);
  };

  labkit::RunTogether([&] { bake(0); }, [&] { bake(each); },
                      [&] {
                        for (int i = 0; i < loaves; ++i) ++taken[rack.Take()];
                      });

  EXPECT_EQ(taken, std::vector<int>(loaves, 1)) << "each loaf exactly once";
}

CONCURRENT_TEST(Rack, ServesTwoAssistants) {
  const int each =
      labkit::ByEngine{.model = 1, .tsan = 1000, .stress = 1000}.get();
  Rack rack(2);  // so that two loaves can be taken at the same time
  int sum[2] = {0, 0};
  const auto sell = [&rack, &sum, each](int me) {
    for (int i = 0; i < each; ++i) sum[me] += rack.Take();
  };

  labkit::RunTogether([&] { sell(0); }, [&] { sell(1); },
                      [&] {
                        for (int i = 1; i <= 2 * each; ++i) rack.Put(i);
                      });

  EXPECT_EQ(sum[0] + sum[1], each * (2 * each + 1))
      << "the numbers of all loaves, added up";
}

// What the tests compare are plain values.
static_assert(labkit::kIsNumber<decltype(std::declval<Rack&>().Take())>,
              "Rack::Take() gives a number");

}  // namespace
