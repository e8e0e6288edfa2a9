// An evening at the box office: more customers than seats, and somebody who
// gives a ticket back.

#include <algorithm>
#include <utility>

#include "box_office.h"
#include "labkit/labkit.h"

namespace {

using concert::BoxOffice;

TEST(BoxOffice, SellsTheSeatsThatThereAre) {
  BoxOffice office(2);
  EXPECT_EQ(office.SeatsLeft(), 2);
  EXPECT_TRUE(office.Sell());
  EXPECT_TRUE(office.Sell());
  EXPECT_FALSE(office.Sell());
  EXPECT_EQ(office.SeatsLeft(), 0);

  office.Refund();
  EXPECT_EQ(office.SeatsLeft(), 1);
  EXPECT_TRUE(office.Sell());
  EXPECT_FALSE(office.Sell());

  BoxOffice other_hall(1);
  EXPECT_TRUE(other_hall.Sell());
  EXPECT_EQ(office.SeatsLeft(), 0);
  office.Refund();
  EXPECT_EQ(other_hall.SeatsLeft(), 0) << "each hall has its own seats";

  BoxOffice closed_for_repairs(0);
  EXPECT_FALSE(closed_for_repairs.Sell());
  EXPECT_EQ(closed_for_repairs.SeatsLeft(), 0);
}

// On real threads there are enough seats for everybody, so that what they can
// show is a data race. Which of two customers gets the last seat is a question
// for the model.
CONCURRENT_TEST(BoxOffice, NeverSellsASeatTwice) {
  const int seats = labkit::ByEngine{.model = 1, .tsan = 2000}.get();
  const int customers = labkit::ByEngine{.model = 1, .tsan = 1000}.get();
  BoxOffice office(seats);
  int sold[2] = {0, 0};
  const auto clerk = [&office, &sold, customers](int me) {
    for (int i = 0; i < customers; ++i) {
      if (office.Sell()) ++sold[me];
    }
  };

  labkit::RunThreads(2, clerk);

  EXPECT_EQ(sold[0] + sold[1], std::min(seats, 2 * customers))
      << "tickets sold, for " << seats << " seat(s)";
  EXPECT_EQ(office.SeatsLeft(), seats - std::min(seats, 2 * customers));
}

// One customer, and a queue that buys all the other seats while she is served.
CONCURRENT_TEST(BoxOffice, SellsOutToTheLastSeat) {
  constexpr int kSeats = 4;
  BoxOffice office(kSeats);
  int sold_to_the_queue = 0;
  int sold_to_her = 0;

  labkit::RunTogether(
      [&] {
        for (int i = 0; i < kSeats + 1; ++i) {
          if (office.Sell()) ++sold_to_the_queue;
        }
      },
      [&] {
        if (office.Sell()) ++sold_to_her;
      });

  EXPECT_EQ(sold_to_the_queue + sold_to_her, kSeats)
      << "tickets sold, for " << kSeats << " seats";
  EXPECT_EQ(office.SeatsLeft(), 0);
}

CONCURRENT_TEST(BoxOffice, TurnsNobodyAwayWhileSeatsAreFree) {
  BoxOffice office(3);
  bool served[] = {false, false, false};

  labkit::RunThreads(3, [&](int me) { served[me] = office.Sell(); });

  EXPECT_TRUE(served[0] && served[1] && served[2])
      << "three seats, three customers, and one of them was sent home";
  ASSERT_EQ(office.SeatsLeft(), 0);

  labkit::RunThreads(3, [&](int) { office.Refund(); });
  EXPECT_EQ(office.SeatsLeft(), 3) << "all the tickets came back";
}

// Tickets go out and come back under the customer's eyes, but a seat is free
// all the time.
CONCURRENT_TEST(BoxOffice, TurnsNobodyAwayInTheCrush) {
  const int times = labkit::ByEngine{.model = 3, .tsan = 1000}.get();
  BoxOffice office(2);
  bool served = false;

  labkit::RunTogether(
      [&] {
        for (int i = 0; i < times; ++i) {
          if (office.Sell()) office.Refund();
        }
      },
      [&] { served = office.Sell(); });

  EXPECT_TRUE(served) << "a seat was free all the time";
  EXPECT_EQ(office.SeatsLeft(), 1);
  EXPECT_TRUE(office.Sell()) << "one seat is left, and cannot be bought";
}

CONCURRENT_TEST(BoxOffice, ShowsHowManySeatsAreLeft) {
  const int times = labkit::ByEngine{.model = 1, .tsan = 1000}.get();
  BoxOffice office(2);
  bool possible = true;
  // The seats have been sold before, and have come back.
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(office.Sell());
  for (int i = 0; i < 2; ++i) office.Refund();

  labkit::RunTogether(
      [&] {
        for (int i = 0; i < times; ++i) {
          if (office.Sell()) office.Refund();
        }
      },
      [&] {
        for (int i = 0; i < times; ++i) {
          const int left = office.SeatsLeft();
          possible &= left == 1 || left == 2;
        }
      });

  EXPECT_TRUE(possible) << "the board shows seats that there never were";
}

CONCURRENT_TEST(BoxOffice, SellsARefundedSeatToOneCustomer) {
  BoxOffice office(1);
  ASSERT_TRUE(office.Sell());
  bool first = false;
  bool second = false;

  // The first brings the only ticket back, and then wants to come after all.
  labkit::RunTogether(
      [&] {
        office.Refund();
        first = office.Sell();
      },
      [&] {
        second = office.Sell();
        EXPECT_GE(office.SeatsLeft(), 0) << "the board shows fewer than none";
      });

  EXPECT_FALSE(first && second) << "two customers have the only seat";
  EXPECT_TRUE(first || second)
      << "the seat was given back, and nobody could buy it";
  EXPECT_EQ(office.SeatsLeft(), 0);

  // Another clerk takes the ticket back from whoever has it.
  EXPECT_FALSE(office.Sell());
  labkit::RunThreads(1, [&](int) { office.Refund(); });
  EXPECT_TRUE(office.Sell()) << "sold out a while ago, and believed it still";
}

// What the tests compare are plain values.
static_assert(labkit::kIsNumber<decltype(std::declval<BoxOffice&>().Sell())>,
              "BoxOffice::Sell() says yes or no");
static_assert(
    labkit::kIsNumber<decltype(std::declval<BoxOffice&>().SeatsLeft())>,
    "BoxOffice::SeatsLeft() gives a number");

}  // namespace
