// A day at the market: customers who read, an office that raises all prices,
// and two traders who undercut each other.

#include <thread>

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

TEST(PriceList, RaisesAndLowers) {
  PriceList list(2, 100);
  Customer customer;
  list.RaiseAll(20);
  list.Read(customer);
  EXPECT_EQ(customer.last, 120);
  EXPECT_TRUE(customer.one_moment);

  EXPECT_TRUE(list.LowerTo(1, 90));
  EXPECT_FALSE(list.LowerTo(1, 95)) << "it is cheaper than that already";
  list.Read(customer);
  EXPECT_EQ(customer.last, 90) << "the last article's price";
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

}  // namespace
