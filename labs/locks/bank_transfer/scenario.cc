// A day at the bank: transfers that cross each other, transfers that have
// nothing to do with each other, and an auditor.

#include <atomic>
#include <iterator>
#include <thread>
#include <utility>

#include "bank.h"
#include "labkit/labkit.h"

namespace {

using bank::Bank;

// Counts how many transfers are being booked at the same time.
class Ledger : public bank::Journal {
 public:
  void Book(int, int, int) override {
    if (booking_.Enter() == 2) REACHED("two transfers being booked at once");
    booking_.Leave();
  }

 private:
  labkit::Occupancy booking_;
};

// Does nothing: where the journal is not what the test is about.
class NoLedger : public bank::Journal {
 public:
  void Book(int, int, int) override {}
};

// Nobody else books for an account that is held.
class AccountsHeld : public bank::Journal {
 public:
  void Book(int from, int to, int) override {
    EXPECT_EQ(held_[from].Enter(), 1) << "two entries for an account at once";
    EXPECT_EQ(held_[to].Enter(), 1) << "two entries for an account at once";
    held_[to].Leave();
    held_[from].Leave();
  }

 private:
  labkit::Occupancy held_[3];
};

// Knows the amount that was booked last. Relaxed, so that it keeps nobody in
// order.
class LatestEntry : public bank::Journal {
 public:
  void Book(int, int, int amount) override {
    amount_.store(amount, std::memory_order_relaxed);
  }
  int amount() const { return amount_.load(std::memory_order_relaxed); }

 private:
  std::atomic<int> amount_{0};
};

class OneEntry : public bank::Journal {
 public:
  void Book(int from, int to, int amount) override {
    ++entries;
    last[0] = from;
    last[1] = to;
    last[2] = amount;
  }
  int entries = 0;
  int last[3] = {};
};

TEST(Bank, MovesAndBooksMoney) {
  OneEntry journal;
  Bank bank(2, 100, journal);
  EXPECT_EQ(bank.Total(), 200);

  EXPECT_TRUE(bank.Transfer(0, 1, 70));
  EXPECT_EQ(journal.entries, 1);
  EXPECT_EQ(journal.last[0], 0);
  EXPECT_EQ(journal.last[1], 1);
  EXPECT_EQ(journal.last[2], 70);
  EXPECT_TRUE(bank.Transfer(1, 0, 170));
  EXPECT_EQ(bank.Total(), 200);

  Bank rich(2, 100000, journal);
  EXPECT_TRUE(rich.Transfer(0, 1, 70000));
  EXPECT_EQ(rich.Total(), 200000);

  // Any two accounts of a larger bank.
  constexpr int kAccounts = 300;
  Bank large(kAccounts, kAccounts, journal);
  for (int to = 1; to < kAccounts; ++to) {
    EXPECT_TRUE(large.Transfer(0, to, 1));
  }
  EXPECT_EQ(large.Total(), kAccounts * kAccounts);
}

TEST(Bank, RefusesWhatIsNotThere) {
  OneEntry journal;
  Bank bank(2, 100, journal);

  EXPECT_FALSE(bank.Transfer(0, 1, 101)) << "the account has only 100";
  EXPECT_FALSE(bank.Transfer(1, 1, 5)) << "from an account to itself";
  EXPECT_EQ(journal.entries, 0) << "a refused transfer is not booked";
  EXPECT_EQ(bank.Total(), 200);
}

CONCURRENT_TEST(Bank, TransfersInOppositeDirectionsEnd) {
  NoLedger journal;
  Bank bank(3, 100, journal);
  bool there = false;
  bool back = false;

  labkit::RunTogether([&] { there = bank.Transfer(0, 2, 10); },
                      [&] { back = bank.Transfer(2, 0, 20); });

  EXPECT_TRUE(there && back) << "both accounts had enough";
  EXPECT_EQ(bank.Total(), 300);
}

CONCURRENT_TEST(Bank, AnAuditorStopsNobody) {
  NoLedger journal;
  Bank bank(4, 100, journal);
  int total = 0;

  labkit::RunTogether([&] { bank.Transfer(2, 0, 10); },
                      [&] { bank.Transfer(3, 1, 10); },
                      [&] { total = bank.Total(); });

  EXPECT_EQ(total, 400) << "some money was counted twice, or not at all";
}

CONCURRENT_TEST(Bank, PaysOutOnlyWhatIsThere) {
  const int transfers = labkit::ByEngine{.model = 1, .tsan = 500}.get();
  AccountsHeld journal;
  Bank bank(3, transfers, journal);
  int paid[2] = {0, 0};

  // Twice as much is asked of account 0 as it has.
  labkit::RunThreads(2, [&](int me) {
    for (int i = 0; i < transfers; ++i) {
      if (bank.Transfer(0, 1 + me, 1)) ++paid[me];
    }
  });

  EXPECT_EQ(paid[0] + paid[1], transfers) << "account 0 had " << transfers;
  EXPECT_EQ(bank.Total(), 3 * transfers);
}

CONCURRENT_TEST(Bank, BooksForAPayeeOneByOne) {
  AccountsHeld journal;
  Bank bank(3, 100, journal);

  labkit::RunTogether([&] { bank.Transfer(0, 2, 10); },
                      [&] { bank.Transfer(1, 2, 10); });

  EXPECT_EQ(bank.Total(), 300);
}

// Between the two accounts of the transfer lies a third, which an auditor can
// be at when the money moves; and there are two auditors.
CONCURRENT_TEST(Bank, AnAuditorNeverMissesMoney) {
  const int transfers = labkit::ByEngine{.model = 1, .tsan = 500}.get();
  NoLedger journal;
  Bank bank(3, 1000, journal);
  bool complete[2] = {true, true};
  const auto audit = [&](int me) {
    for (int i = 0; i < transfers; ++i) complete[me] &= bank.Total() == 3000;
  };

  labkit::RunTogether(
      [&] {
        for (int i = 0; i < transfers; ++i) bank.Transfer(0, 2, 1);
      },
      [&] { audit(0); }, [&] { audit(1); });

  EXPECT_TRUE(complete[0] && complete[1])
      << "some money was counted twice, or not at all";
  EXPECT_EQ(bank.Total(), 3000);
}

// The second transfer is possible only after the first.
CONCURRENT_TEST(Bank, BooksInTheOrderInWhichItHappened) {
  LatestEntry journal;
  Bank bank(3, 1, journal);
  bool passed_on = false;

  labkit::RunTogether([&] { bank.Transfer(0, 1, 1); },
                      [&] { passed_on = bank.Transfer(1, 2, 2); });

  EXPECT_EQ(journal.amount(), passed_on ? 2 : 1)
      << "the last entry is not that of the last transfer";
}

// Writes each entry until the next transfer, of two other accounts, is booked.
class SlowLedger : public bank::Journal {
 public:
  void Serve(Bank& bank) {
    bank_ = &bank;
    Next();
  }
  void Book(int, int, int) override {
    ++entries;
    if (entries == std::ssize(kPayers)) return;
    std::thread next([this] { Next(); });
    next.join();
  }
  static constexpr int kPayers[] = {0, 2, 4, 8, 16, 32, 64, 100, 128};
  int entries = 0;

 private:
  void Next() { bank_->Transfer(kPayers[entries], kPayers[entries] + 1, 1); }

  Bank* bank_ = nullptr;
};

CONCURRENT_TEST(Bank, ManyTransfersAreBookedAtOnce) {
  SlowLedger journal;
  Bank bank(130, 1, journal);
  journal.Serve(bank);
  EXPECT_EQ(journal.entries, std::ssize(SlowLedger::kPayers));
}

CONCURRENT_TEST(Bank, UnrelatedTransfersDoNotWait) {
  EXPECT_REACHABLE("two transfers being booked at once");
  Ledger journal;
  Bank bank(4, 100, journal);

  labkit::RunTogether([&] { bank.Transfer(0, 1, 10); },
                      [&] { bank.Transfer(2, 3, 10); });

  EXPECT_EQ(bank.Total(), 400);
}

// What the tests compare are plain values.
static_assert(
    labkit::kIsNumber<decltype(std::declval<Bank&>().Transfer(0, 1, 1))>,
    "Bank::Transfer() says yes or no");
static_assert(labkit::kIsNumber<decltype(std::declval<Bank&>().Total())>,
              "Bank::Total() gives a number");

}  // namespace
