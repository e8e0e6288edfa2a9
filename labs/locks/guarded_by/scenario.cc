// A Saturday in town: more cars than places, and a sign that everybody
// believes.

#include <utility>

#include "garage.h"
#include "labkit/labkit.h"

namespace {

using carpark::Garage;

// Remembers what it was told. Plain variables: it relies on being told one
// thing at a time.
class Display : public carpark::Sign {
 public:
  explicit Display(int places) : shown(places) {}
  void Show(int free) override {
    if (free != shown - 1 && free != shown + 1) skipped = true;
    shown = free;
    ++changes;
    if (free < 0) nonsense = true;
  }
  int shown;
  int changes = 0;
  bool nonsense = false;
  bool skipped = false;  // it was not told of every change, or not in order
};

TEST(Garage, CountsItsPlaces) {
  Display display(2);
  Garage garage(2, display);
  EXPECT_EQ(garage.Free(), 2);
  garage.Enter();
  EXPECT_EQ(garage.Free(), 1);
  EXPECT_EQ(display.shown, 1);
  garage.Enter();
  garage.Leave();
  EXPECT_EQ(garage.Free(), 1);
  EXPECT_EQ(display.changes, 3);

  Display other_display(500);
  Garage other_garage(500, other_display);
  other_garage.Enter();
  EXPECT_EQ(other_garage.Free(), 499);
  EXPECT_EQ(other_display.shown, 499);
  garage.Leave();
  EXPECT_EQ(garage.Free(), 2) << "each garage has its own places";
  EXPECT_EQ(display.shown, 2) << "each garage has its own sign";
}

CONCURRENT_TEST(Garage, NeverHoldsACarTooMany) {
  const int visits = labkit::ByEngine{.model = 1, .tsan = 400}.get();
  Display display(1);
  Garage garage(1, display);
  labkit::Occupancy cars;
  bool crash[3] = {false, false, false};

  labkit::RunThreads(3, [&](int me) {
    for (int i = 0; i < visits; ++i) {
      garage.Enter();
      if (cars.Enter() > 1) crash[me] = true;
      cars.Leave();
      garage.Leave();
    }
  });

  EXPECT_FALSE(crash[0] || crash[1] || crash[2]) << "two cars in one place";
  EXPECT_FALSE(display.nonsense) << "fewer than no places were shown";
  EXPECT_EQ(garage.Free(), 1);
}

// Two wait, and two places are free before the first of them has woken.
CONCURRENT_TEST(Garage, WhoWaitsGetsIn) {
  Display display(2);
  Garage garage(2, display);
  garage.Enter();
  garage.Enter();

  labkit::RunTogether([&] { garage.Enter(); }, [&] { garage.Enter(); },
                      [&] {
                        garage.Leave();
                        garage.Leave();
                      });

  EXPECT_EQ(garage.Free(), 0);
  EXPECT_EQ(display.shown, 0) << "the sign does not know of who had to wait";
}

CONCURRENT_TEST(Garage, TheSignTellsTheTruth) {
  const int visits = labkit::ByEngine{.model = 1, .tsan = 400}.get();
  Display display(2);
  Garage garage(2, display);

  labkit::RunThreads(2, [&](int) {
    for (int i = 0; i < visits; ++i) {
      garage.Enter();
      garage.Leave();
    }
  });

  EXPECT_EQ(display.shown, 2) << "all have left, and the sign does not know";
  EXPECT_FALSE(display.skipped)
      << "a number was shown that is not one more or less than the one before";
  EXPECT_EQ(display.changes, 4 * visits);
}

CONCURRENT_TEST(Garage, CanBeAskedAtAnyTime) {
  const int visits = labkit::ByEngine{.model = 1, .tsan = 400}.get();
  Display display(1);
  Garage garage(1, display);
  bool sensible[2] = {true, true};

  labkit::RunThreads(2, [&](int me) {
    for (int i = 0; i < visits; ++i) {
      garage.Enter();
      sensible[me] &= garage.Free() == 0;  // the only place is mine
      garage.Leave();
      const int free = garage.Free();
      sensible[me] &= free == 0 || free == 1;
    }
  });

  EXPECT_TRUE(sensible[0] && sensible[1]);
}

// What the tests compare are plain values.
static_assert(labkit::kIsNumber<decltype(std::declval<Garage&>().Free())>,
              "Garage::Free() gives a number");

}  // namespace
