// An evening in the sushi bar: two neighbours, a full table, a table for two,
// and guests who sit opposite each other.

#include <atomic>
#include <semaphore>
#include <thread>
#include <vector>

#include "labkit/labkit.h"
#include "table.h"

namespace {

using sushi::Table;

// Counts how often each stick is used. The counts belong to the sticks: whoever
// eats without both of them changes what is not his.
class Sushi : public sushi::Meal {
 public:
  explicit Sushi(int seats) : used_(seats, 0), eaten_(seats, 0) {}
  void Eat(int seat) override {
    ++used_[seat];
    ++used_[(seat + 1) % used_.size()];
    ++eaten_[seat];
  }
  const std::vector<long>& used() const { return used_; }
  const std::vector<long>& eaten() const { return eaten_; }

 private:
  std::vector<long> used_;  // eight bytes each, for ThreadSanitizer
  std::vector<long> eaten_;
};

class SlowFood : public sushi::Meal {
 public:
  void Eat(int) override {
    if (eating_.Enter() == 2) REACHED("two guests eating at once");
    eating_.Leave();
  }

 private:
  labkit::Occupancy eating_;
};

TEST(Table, ServesGuestsOneAfterTheOther) {
  Sushi sushi(3);
  Table table(3, sushi);
  for (int seat = 0; seat < 3; ++seat) table.Dine(seat);
  table.Dine(1);
  EXPECT_EQ(sushi.eaten(), (std::vector<long>{1, 2, 1}));
}

CONCURRENT_TEST(Table, NeighboursTakeTurns) {
  const int courses =
      labkit::ByEngine{.model = 1, .tsan = 1000, .stress = 5000}.get();
  constexpr int kSeats = 300;
  Sushi sushi(kSeats);
  Table table(kSeats, sushi);

  labkit::RunThreads(2, [&](int me) {
    for (int i = 0; i < courses; ++i) table.Dine(kSeats - 1 - me);
  });

  EXPECT_EQ(sushi.used()[kSeats - 2], courses);
  EXPECT_EQ(sushi.used()[kSeats - 1], 2 * courses)
      << "how often the stick between the two was used";
  EXPECT_EQ(sushi.used()[0], courses);
  EXPECT_EQ(sushi.eaten()[kSeats - 2], courses);
  EXPECT_EQ(sushi.eaten()[kSeats - 1], courses);
}

CONCURRENT_TEST(Table, AFullTableIsServed) {
  Sushi sushi(3);
  Table table(3, sushi);

  labkit::RunThreads(3, [&](int seat) { table.Dine(seat); });

  EXPECT_EQ(sushi.eaten(), (std::vector<long>{1, 1, 1}))
      << "somebody is hungry";
  EXPECT_EQ(sushi.used(), (std::vector<long>{2, 2, 2}));
}

// The smallest circle: both sticks lie between the same two guests.
CONCURRENT_TEST(Table, ATableForTwoIsServed) {
  Sushi sushi(2);
  Table table(2, sushi);

  // One of them has two courses, so that who came first may come third.
  labkit::RunThreads(2, [&](int seat) {
    for (int course = 0; course <= seat; ++course) table.Dine(seat);
  });

  EXPECT_EQ(sushi.eaten(), (std::vector<long>{1, 2})) << "somebody is hungry";
  EXPECT_EQ(sushi.used(), (std::vector<long>{3, 3}));
}

CONCURRENT_TEST(Table, OppositeGuestsEatTogether) {
  EXPECT_REACHABLE("two guests eating at once");
  SlowFood food;
  Table table(6, food);

  labkit::RunTogether([&] { table.Dine(0); }, [&] { table.Dine(3); });
}

// At a table for four, the guest at 0 sits between those at 3 and 1. These two
// talk: whoever of them begins when 0 has eaten goes on until the other one
// begins as well, for nobody is in his way.
class Conversation : public sushi::Meal {
 public:
  void Eat(int seat) override {
    if (seat == 0) {
      zero_has_eaten_.store(true, std::memory_order_relaxed);
      return;
    }
    (seat == 1 ? one_began_ : three_began_).release();
    if (zero_has_eaten_.load(std::memory_order_relaxed)) {
      (seat == 1 ? three_began_ : one_began_).acquire();
    }
  }

 private:
  std::atomic<bool> zero_has_eaten_{false};
  std::counting_semaphore<1> one_began_{0};
  std::counting_semaphore<1> three_began_{0};
};

CONCURRENT_TEST(Table, BothNeighboursOfOneWhoLeavesEat) {
  Conversation food;
  Table table(4, food);

  labkit::RunTogether([&] { table.Dine(3); }, [&] { table.Dine(0); },
                      [&] { table.Dine(1); });
}

// Each eats until the guest `apart` seats on, who comes meanwhile, has eaten.
class LongDinner : public sushi::Meal {
 public:
  LongDinner(int seats, int apart) : seats_(seats), apart_(apart) {}
  void Serve(Table& table) {
    table_ = &table;
    table.Dine(0);
  }
  void Eat(int seat) override {
    ++eaten_;
    if (seat + apart_ >= seats_) return;
    std::thread next([this, seat] { table_->Dine(seat + apart_); });
    next.join();
  }
  int eaten() const { return eaten_; }

 private:
  const int seats_;
  const int apart_;
  Table* table_ = nullptr;
  int eaten_ = 0;
};

// The guest at 0 goes on until there has been a long dinner at another table.
class NextDoor : public sushi::Meal {
 public:
  void Eat(int seat) override {
    if (seat != 0) return;
    std::thread others([] {
      LongDinner food(4, 2);
      Table table(4, food);
      food.Serve(table);
      EXPECT_EQ(food.eaten(), 2);
    });
    others.join();
  }
};

CONCURRENT_TEST(Table, EverySecondGuestEatsAtOnce) {
  NextDoor small;
  Table table_for_three(3, small);
  // One of them waits for the other, and holds up nobody next door.
  labkit::RunThreads(2, [&](int seat) { table_for_three.Dine(seat); });

  LongDinner medium(12, 2);
  Table table_for_twelve(12, medium);
  medium.Serve(table_for_twelve);
  EXPECT_EQ(medium.eaten(), 6);

  LongDinner large(320, 64);
  Table long_table(320, large);
  large.Serve(long_table);
  EXPECT_EQ(large.eaten(), 5);
}

}  // namespace
