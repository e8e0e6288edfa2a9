// A day at the market: customers who read, an office that raises all prices,
// and two traders who undercut each other.

#include <semaphore>
#include <thread>
#include <utility>
#include <vector>

#include "labkit/labkit.h"
#include "price_list.h"

namespace {

using market::PriceList;

// In most of these tests all articles cost the same at any time, so a reader
// can tell whether he has seen the list at one moment.
class Customer : public market::Reader {
 public:
  void See(int article, int cents) override {
    if (article == 0) first_ = cents;
    if (cents != first_) one_moment = false;
    last = cents;
  }
  bool one_moment = true;
  int last = 0;

 private:
  int first_ = 0;
};

// Writes the list down.
class Copyist : public market::Reader {
 public:
  explicit Copyist(const PriceList& list) { list.Read(*this); }
  void See(int, int cents) override { copy.push_back(cents); }
  std::vector<int> copy;
};

class SlowCustomer : public market::Reader {
 public:
  explicit SlowCustomer(labkit::Occupancy& reading) : reading_(reading) {}
  void See(int, int) override {
    if (reading_.Enter() == 2) REACHED("two customers reading at once");
    reading_.Leave();
  }

 private:
  labkit::Occupancy& reading_;
};

// Writes what he reads into a list of his own.
class Competitor : public market::Reader {
 public:
  void See(int article, int cents) override { mine.LowerTo(article, cents); }
  PriceList mine{2, 1000000};
};

TEST(PriceList, RaisesAndLowers) {
  PriceList list(2, 100);
  Customer customer;
  list.RaiseAll(20);
  list.Read(customer);
  EXPECT_EQ(customer.last, 120);
  EXPECT_TRUE(customer.one_moment);

  EXPECT_TRUE(list.LowerTo(1, 90));
  EXPECT_FALSE(list.LowerTo(1, 95)) << "it is cheaper than that already";
  EXPECT_FALSE(list.LowerTo(1, 90)) << "it costs just that already";
  EXPECT_EQ(Copyist(list).copy, (std::vector<int>{120, 90})) << "the prices";

  Competitor competitor;
  EXPECT_EQ(Copyist(competitor.mine).copy,
            (std::vector<int>{1000000, 1000000}));
  EXPECT_EQ(Copyist(PriceList(2, 7)).copy, (std::vector<int>{7, 7}));
  list.Read(competitor);
  EXPECT_EQ(Copyist(competitor.mine).copy, (std::vector<int>{120, 90}))
      << "each list has its own prices";
  EXPECT_EQ(Copyist(PriceList(1000, 7)).copy, std::vector<int>(1000, 7));
}

CONCURRENT_TEST(PriceList, ReadersSeeOneMoment) {
  const int times =
      labkit::ByEngine{.model = 1, .tsan = 1000, .stress = 2000}.get();
  PriceList list(2, 100);
  Customer customers[2];
  const auto read = [&](int me) {
    for (int i = 0; i < times; ++i) list.Read(customers[me]);
  };

  labkit::RunTogether([&] { read(0); }, [&] { read(1); },
                      [&] {
                        for (int i = 0; i < times; ++i) list.RaiseAll(5);
                      });

  EXPECT_TRUE(customers[0].one_moment && customers[1].one_moment)
      << "half of the list was old, half of it new";
  Customer last;
  list.Read(last);
  EXPECT_EQ(last.last, 100 + 5 * times);
}

CONCURRENT_TEST(PriceList, NoChangeIsLost) {
  const int times =
      labkit::ByEngine{.model = 1, .tsan = 1000, .stress = 5000}.get();
  PriceList list(2, 100);

  labkit::RunThreads(2, [&](int) {
    for (int i = 0; i < times; ++i) list.RaiseAll(1);
  });

  Customer last;
  list.Read(last);
  EXPECT_EQ(last.last, 100 + 2 * times);
}

CONCURRENT_TEST(PriceList, TheCheapestOfferStays) {
  PriceList list(1, 100);
  bool lowered[2] = {false, false};

  labkit::RunTogether([&] { lowered[0] = list.LowerTo(0, 80); },
                      [&] { lowered[1] = list.LowerTo(0, 60); });

  Customer last;
  list.Read(last);
  EXPECT_EQ(last.last, 60) << "LowerTo() has made an article dearer";
  EXPECT_TRUE(lowered[1]) << "60 was lower than anything else";
}

// Two offers, one after the other: whoever has seen the second has seen the
// first.
CONCURRENT_TEST(PriceList, OffersAreSeenInTheirOrder) {
  PriceList list(2, 100);
  std::vector<int> seen;

  labkit::RunTogether(
      [&] {
        list.LowerTo(0, 80);
        list.LowerTo(1, 70);
      },
      [&] { seen = Copyist(list).copy; });

  ASSERT_EQ(seen.size(), 2u);
  EXPECT_FALSE(seen[0] == 100 && seen[1] == 70)
      << "the list has never been like that";
}

// A raise and an offer, and somebody who reads meanwhile.
CONCURRENT_TEST(PriceList, ARaiseAndAnOfferBothCount) {
  PriceList list(2, 100);
  Customer customer;

  labkit::RunTogether([&] { list.RaiseAll(5); }, [&] { list.LowerTo(0, 80); },
                      [&] { list.Read(customer); });

  const std::vector<int> last = Copyist(list).copy;
  ASSERT_EQ(last.size(), 2u);
  EXPECT_TRUE(last[0] == 80 || last[0] == 85) << "the offer is lost";
  EXPECT_EQ(last[1], 105) << "the raise is lost";
}

// Also while somebody else is reading.
CONCURRENT_TEST(PriceList, WhoHasRaisedReadsTheNewPrice) {
  PriceList list(1, 100);
  Customer somebody;
  Customer office;

  labkit::RunTogether([&] { list.Read(somebody); },
                      [&] {
                        list.RaiseAll(5);
                        list.Read(office);
                      });

  EXPECT_EQ(office.last, 105) << "the raise was over before this was read";
}

CONCURRENT_TEST(PriceList, CustomersReadTogether) {
  EXPECT_REACHABLE("two customers reading at once");
  labkit::Occupancy reading;
  PriceList list(1, 100);
  const auto read = [&] {
    SlowCustomer customer(reading);
    list.Read(customer);
  };

  labkit::RunTogether(read, read);
}

// Holds his finger on a line until those who came after him have read the whole
// list.
class CustomerInACrowd : public market::Reader {
 public:
  CustomerInACrowd(const PriceList& list, int behind, int& seen)
      : list_(list), behind_(behind), seen_(seen) {}
  void See(int, int) override {
    ++seen_;
    if (behind_ == 0) return;
    std::thread next([this] {
      CustomerInACrowd customer(list_, behind_ - 1, seen_);
      list_.Read(customer);
    });
    next.join();
  }

 private:
  const PriceList& list_;
  int behind_;
  int& seen_;
};

CONCURRENT_TEST(PriceList, AnyNumberReadsTogether) {
  constexpr int kCrowd = 12;
  PriceList list(1, 100);
  int seen = 0;
  CustomerInACrowd first(list, kCrowd - 1, seen);
  list.Read(first);
  EXPECT_EQ(seen, kCrowd);
}

// Whoever of these two sees the raised price reads on until the other one reads
// as well, for nobody changes anything any more.
class Friend : public market::Reader {
 public:
  Friend(std::counting_semaphore<1>& mine, std::counting_semaphore<1>& other)
      : mine_(mine), other_(other) {}
  void See(int, int cents) override {
    mine_.release();
    if (cents == 105) other_.acquire();
  }

 private:
  std::counting_semaphore<1>& mine_;
  std::counting_semaphore<1>& other_;
};

CONCURRENT_TEST(PriceList, AllComeInAfterAChange) {
  std::counting_semaphore<1> read[2] = {std::counting_semaphore<1>(0),
                                        std::counting_semaphore<1>(0)};
  PriceList list(1, 100);
  const auto come = [&](int me) {
    Friend customer(read[me], read[1 - me]);
    list.Read(customer);
  };

  labkit::RunTogether([&] { come(0); }, [&] { come(1); },
                      [&] { list.RaiseAll(5); });
}

// What the tests compare are plain values.
static_assert(
    labkit::kIsNumber<decltype(std::declval<PriceList&>().LowerTo(0, 1))>,
    "PriceList::LowerTo() says yes or no");

}  // namespace
