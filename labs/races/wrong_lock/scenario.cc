// A day in the warehouse: a lorry and a picker at one shelf, a clerk who comes
// in between, and two clerks at two shelves.

#include <atomic>
#include <cstddef>
#include <thread>
#include <utility>
#include <vector>

#include "labkit/labkit.h"
#include "shelf.h"

namespace {

using warehouse::Shelf;

constexpr int kCrate = 20;  // kilos: every crate weighs the same here

// Remembers whether what was written down ever failed to belong together.
class CarefulClerk : public warehouse::Clerk {
 public:
  void Write(int crates, int kilos) override {
    pen_.fetch_add(1, std::memory_order_relaxed);
    last_crates = crates;
    if (kilos != crates * kCrate) always_fits = false;
    pen_.fetch_add(1, std::memory_order_relaxed);
  }
  // How often the pen was put to paper or lifted: odd while the clerk writes.
  // Relaxed, so that whoever asks is kept in order by the shelf alone.
  int pen() const { return pen_.load(std::memory_order_relaxed); }

  int last_crates = 0;
  bool always_fits = true;

 private:
  std::atomic<int> pen_{0};
};

// Two of these at work at the same time are what we want to see.
class SlowClerk : public warehouse::Clerk {
 public:
  void Write(int, int) override {
    if (writing_.Enter() == 2) REACHED("two clerks writing at once");
    writing_.Leave();
  }

 private:
  labkit::Occupancy writing_;
};

TEST(Shelf, KnowsWhatIsThere) {
  Shelf shelf;
  CarefulClerk clerk;
  EXPECT_FALSE(shelf.Pick(kCrate)) << "there is nothing yet";
  shelf.Deliver(kCrate);
  shelf.Deliver(kCrate);
  EXPECT_FALSE(shelf.Pick(3 * kCrate)) << "so much is not there";
  EXPECT_TRUE(shelf.Pick(kCrate));
  shelf.Count(clerk);
  EXPECT_EQ(clerk.last_crates, 1);
  EXPECT_TRUE(clerk.always_fits);
  EXPECT_EQ(clerk.pen(), 2) << "a clerk writes once";

  Shelf of_this_and_that;
  of_this_and_that.Deliver(kCrate);
  of_this_and_that.Deliver(3 * kCrate);
  EXPECT_TRUE(of_this_and_that.Pick(kCrate));
  EXPECT_TRUE(of_this_and_that.Pick(kCrate));
  EXPECT_FALSE(of_this_and_that.Pick(kCrate)) << "there is no crate";
}

CONCURRENT_TEST(Shelf, DeliversAndPicksAtOnce) {
  const int crates =
      labkit::ByEngine{.model = 1, .tsan = 1000, .stress = 20000}.get();
  Shelf shelf;
  for (int i = 0; i < crates; ++i) shelf.Deliver(kCrate);
  int picked = 0;

  labkit::RunTogether(
      [&] {
        for (int i = 0; i < crates; ++i) shelf.Deliver(kCrate);
      },
      [&] {
        for (int i = 0; i < crates; ++i) {
          if (shelf.Pick(kCrate)) ++picked;
          shelf.Deliver(kCrate);
        }
      });

  CarefulClerk clerk;
  shelf.Count(clerk);
  EXPECT_EQ(picked, crates) << "there was always a crate to be had";
  EXPECT_EQ(clerk.last_crates, 2 * crates) << "crates there in the evening";
  EXPECT_TRUE(clerk.always_fits) << "the weight is not that of the crates";
}

CONCURRENT_TEST(Shelf, GivesACrateToOnePicker) {
  const int crates =
      labkit::ByEngine{.model = 1, .tsan = 1000, .stress = 1000}.get();
  Shelf shelf;
  for (int i = 0; i < crates; ++i) shelf.Deliver(kCrate);
  int picked[2] = {0, 0};

  labkit::RunThreads(2, [&](int me) {
    for (int i = 0; i < crates; ++i) {
      if (shelf.Pick(kCrate)) ++picked[me];
    }
  });

  EXPECT_EQ(picked[0] + picked[1], crates)
      << "two pickers, " << crates << " crate(s) in all";
}

CONCURRENT_TEST(Shelf, DoesNotChangeUnderTheClerksPen) {
  const int crates = labkit::ByEngine{.model = 1, .tsan = 1000}.get();
  Shelf shelf;
  CarefulClerk clerk;
  bool under_the_pen = false;

  labkit::RunTogether(
      [&] {
        for (int i = 0; i < crates; ++i) {
          const int before = clerk.pen();
          shelf.Deliver(kCrate);
          if (before % 2 == 1 && clerk.pen() == before) under_the_pen = true;
          shelf.Pick(kCrate);
        }
      },
      [&] {
        for (int i = 0; i < crates; ++i) shelf.Count(clerk);
      });

  EXPECT_FALSE(under_the_pen) << "a crate came while the clerk was writing";
  EXPECT_TRUE(clerk.always_fits) << "a crate was counted without its weight";
  EXPECT_EQ(clerk.pen(), 2 * crates) << "a clerk was sent away";
}

// Two lorries may have to wait for the same clerk.
CONCURRENT_TEST(Shelf, KeepsNobodyWaiting) {
  Shelf shelf;
  CarefulClerk clerk;

  labkit::RunTogether([&] { shelf.Deliver(kCrate); },
                      [&] { shelf.Deliver(kCrate); },
                      [&] { shelf.Count(clerk); });

  EXPECT_TRUE(clerk.always_fits) << "a crate was counted without its weight";
  EXPECT_TRUE(shelf.Pick(2 * kCrate)) << "two crates have come";
}

// It is the last of two who lets the lorry in again, and neither need be the
// one who came first.
CONCURRENT_TEST(Shelf, DoesNotChangeUnderTheSecondPen) {
  Shelf shelf;
  CarefulClerk clerks[2];
  bool under_the_pen = false;

  labkit::RunTogether([&] { shelf.Count(clerks[0]); },
                      [&] { shelf.Count(clerks[1]); },
                      [&] {
                        const int before = clerks[1].pen();
                        shelf.Deliver(kCrate);
                        if (before == 1 && clerks[1].pen() == 1)
                          under_the_pen = true;
                      });

  EXPECT_FALSE(under_the_pen) << "a crate came while a clerk was writing";
  EXPECT_TRUE(clerks[0].always_fits && clerks[1].always_fits)
      << "a crate was counted without its weight";
}

CONCURRENT_TEST(Shelf, DoesNotWaitForAnotherShelf) {
  EXPECT_REACHABLE("two clerks writing at once");
  Shelf flour;
  Shelf sugar;
  SlowClerk clerks;

  labkit::RunTogether([&] { flour.Count(clerks); },
                      [&] { sugar.Count(clerks); });
}

// Does not put the pen down before a lorry has come to the next shelf, and a
// picker has gone away from it.
class ClerkWhoLooksOn : public warehouse::Clerk {
 public:
  explicit ClerkWhoLooksOn(Shelf& next) : next_(next) {}
  void Write(int, int) override {
    std::thread lorry([this] { next_.Deliver(kCrate); });
    lorry.join();
    std::thread picker([this] { next_.Pick(kCrate); });
    picker.join();
  }

 private:
  Shelf& next_;
};

// Lorries and pickers wait for nobody at another shelf, either.
CONCURRENT_TEST(Shelf, IsServedWhileAClerkIsNextDoor) {
  Shelf flour;
  Shelf sugar;
  ClerkWhoLooksOn clerk(sugar);

  labkit::RunTogether([&] { flour.Count(clerk); },
                      [&] { flour.Deliver(kCrate); });
}

// Does not put the pen down before a colleague has counted the next shelf.
class ClerkInARow : public warehouse::Clerk {
 public:
  ClerkInARow(const std::vector<Shelf>& shelves, size_t here)
      : shelves_(shelves), here_(here) {}
  void Write(int, int) override {
    const size_t next = here_ + 1;
    if (next == shelves_.size()) return;
    std::thread colleague([this, next] {
      ClerkInARow clerk(shelves_, next);
      shelves_[next].Count(clerk);
    });
    colleague.join();
  }

 private:
  const std::vector<Shelf>& shelves_;
  size_t here_;
};

CONCURRENT_TEST(Shelf, HasItsOwnLockInALongHall) {
  const std::vector<Shelf> shelves(20);
  ClerkInARow first(shelves, 0);
  shelves[0].Count(first);
}

// What the tests compare are plain values.
static_assert(labkit::kIsNumber<decltype(std::declval<Shelf&>().Pick(1))>,
              "Shelf::Pick() says yes or no");

}  // namespace
