// A day in the warehouse: a lorry and a picker at one shelf, a clerk who comes
// in between, and two clerks at two shelves.

#include <atomic>
#include <cstddef>
#include <functional>
#include <thread>
#include <utility>
#include <vector>

#include "labkit/labkit.h"
#include "shelf.h"

namespace {

using warehouse::Shelf;

constexpr int kCrate = 20;  // kilos: every crate weighs the same here

// A shelf at which it can be seen what is coming and has come, what is going
// and has gone.
class ShelfInSight {
 public:
  void Deliver() {
    Add(coming_);
    shelf_.Deliver(kCrate);
    Add(come_);
  }
  bool Pick() {
    Add(going_);
    const bool picked = shelf_.Pick(kCrate);
    if (picked) Add(gone_);
    return picked;
  }
  void Count(warehouse::Clerk& clerk) const { shelf_.Count(clerk); }

  // Whether so many crates can be there at this moment.
  bool MayHave(int crates) const {
    return Of(come_) - Of(going_) <= crates &&
           crates <= Of(coming_) - Of(gone_);
  }

 private:
  // Relaxed, so that whoever looks is kept in order by the shelf alone.
  static void Add(std::atomic<int>& number) {
    number.fetch_add(1, std::memory_order_relaxed);
  }
  static int Of(const std::atomic<int>& number) {
    return number.load(std::memory_order_relaxed);
  }

  Shelf shelf_;
  std::atomic<int> coming_{0}, come_{0}, going_{0}, gone_{0};
};

// Remembers whether what was written down ever failed to belong together, or
// was true no longer before the pen was lifted.
class CarefulClerk : public warehouse::Clerk {
 public:
  CarefulClerk() = default;
  explicit CarefulClerk(const ShelfInSight& shelf) : shelf_(&shelf) {}

  void Write(int crates, int kilos) override {
    ++times;
    last_crates = crates;
    if (kilos != crates * kCrate) always_fits = false;
    if (shelf_ != nullptr && !shelf_->MayHave(crates)) under_the_pen = true;
  }

  int times = 0;
  int last_crates = 0;
  bool always_fits = true;
  bool under_the_pen = false;

 private:
  const ShelfInSight* shelf_ = nullptr;
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
  EXPECT_EQ(clerk.times, 1) << "a clerk writes once";

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
  ShelfInSight shelf;
  CarefulClerk clerk(shelf);
  bool always_picked = true;

  labkit::RunTogether(
      [&] {
        for (int i = 0; i < crates; ++i) {
          shelf.Deliver();
          always_picked &= shelf.Pick();
        }
      },
      [&] {
        for (int i = 0; i < crates; ++i) shelf.Count(clerk);
      });

  EXPECT_FALSE(clerk.under_the_pen)
      << "a crate came or went while the clerk was writing";
  EXPECT_TRUE(clerk.always_fits) << "a crate was counted without its weight";
  EXPECT_TRUE(always_picked) << "a picker was sent away from a crate";
  EXPECT_EQ(clerk.times, crates) << "a clerk was sent away";
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
  ShelfInSight shelf;
  CarefulClerk clerks[] = {CarefulClerk(shelf), CarefulClerk(shelf)};

  labkit::RunTogether([&] { shelf.Count(clerks[0]); },
                      [&] { shelf.Count(clerks[1]); },
                      [&] { shelf.Deliver(); });

  EXPECT_FALSE(clerks[0].under_the_pen || clerks[1].under_the_pen)
      << "a crate came while a clerk was writing";
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

// Does not put the pen down before others have been at the next shelf.
class ClerkWhoLooksOn : public warehouse::Clerk {
 public:
  explicit ClerkWhoLooksOn(std::function<void()> others)
      : others_(std::move(others)) {}
  void Write(int, int) override {
    std::thread others(others_);
    others.join();
  }

 private:
  std::function<void()> others_;
};

// Lorries and pickers wait for nobody at another shelf, either: not for the
// clerk, and not for a lorry that waits for him.
CONCURRENT_TEST(Shelf, IsServedWhileAClerkIsNextDoor) {
  Shelf flour;
  Shelf sugar;
  ClerkWhoLooksOn clerk([&] {
    sugar.Deliver(kCrate);
    sugar.Pick(kCrate);
  });

  labkit::RunTogether([&] { flour.Count(clerk); },
                      [&] { flour.Deliver(kCrate); });
}

// Nor for a picker or a second clerk who waits for the first.
CONCURRENT_TEST(Shelf, IsServedWhileOthersWaitNextDoor) {
  Shelf flour;
  Shelf sugar;
  CarefulClerk second;
  CarefulClerk colleague;
  ClerkWhoLooksOn at_a_picker([&] { sugar.Pick(kCrate); });
  ClerkWhoLooksOn at_a_colleague([&] { sugar.Count(colleague); });

  labkit::RunTogether([&] { flour.Count(at_a_picker); },
                      [&] { flour.Pick(kCrate); });
  labkit::RunTogether([&] { flour.Count(at_a_colleague); },
                      [&] { flour.Count(second); });
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

// Does not put the pen down before a lorry has been at all shelves but the
// first.
class ClerkAtTheFirst : public warehouse::Clerk {
 public:
  explicit ClerkAtTheFirst(std::vector<Shelf>& shelves) : shelves_(shelves) {}
  void Write(int, int) override {
    std::thread lorry([this] {
      for (size_t i = 1; i < shelves_.size(); ++i) shelves_[i].Deliver(kCrate);
    });
    lorry.join();
  }

 private:
  std::vector<Shelf>& shelves_;
};

CONCURRENT_TEST(Shelf, HasItsOwnLockInALongHall) {
  const std::vector<Shelf> shelves(20);
  ClerkInARow first(shelves, 0);
  shelves[0].Count(first);

  std::vector<Shelf> hall(1100);
  ClerkAtTheFirst clerk(hall);
  hall[0].Count(clerk);
}

// What the tests compare are plain values.
static_assert(labkit::kIsNumber<decltype(std::declval<Shelf&>().Pick(1))>,
              "Shelf::Pick() says yes or no");

}  // namespace
