// Each of these is wrong, in the way that its name says.
#include <atomic>
#include <cstdlib>
#include <latch>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "labkit/labkit.h"

namespace {

int counter = 0;
struct Account {
  long id = 7;
  long balance = 0;
};
std::mutex a, b;

void Deposit(Account& account) { account.balance += 10; }

}  // namespace

CONCURRENT_TEST(Broken, RacesOnAGlobal) {
  labkit::RunTogether([] { ++counter; }, [] { ++counter; });
}

CONCURRENT_TEST(Broken, RacesOnTheHeap) {
  auto account = std::make_unique<Account>();
  labkit::RunTogether([&] { Deposit(*account); }, [&] { Deposit(*account); });
}

CONCURRENT_TEST(Broken, ReadsWithoutTheLock) {
  int seen = 0;
  labkit::RunTogether(
      [] {
        std::scoped_lock lock(a);
        counter = 1;
      },
      [&] { seen = counter; });
  EXPECT_LE(seen, 1);
}

// The write is in a function of the library that a runner has, too.
CONCURRENT_TEST(Broken, GrowsAStringThatIsRead) {
  std::string text = "a text of twenty-one.";
  labkit::RunTogether([&] { text.append(100, 'a'); },
                      [&] { EXPECT_EQ(text[0], 'a'); });
}

CONCURRENT_TEST(Broken, ChangesWhatAnAtomicSharedPointerHolds) {
  std::atomic<std::shared_ptr<int>> current{std::make_shared<int>(1)};
  std::latch loaded(2);
  const auto add = [&] {
    const std::shared_ptr<int> mine = current.load();
    loaded.arrive_and_wait();
    ++*mine;
  };
  labkit::RunTogether(add, add);
}

CONCURRENT_TEST(Broken, SearchesAMapThatGrows) {
  std::map<int, int> stock = {{10, 1}, {20, 1}};
  std::mutex lock;
  labkit::RunTogether(
      [&] {
        std::lock_guard<std::mutex> guard(lock);
        stock[30] = 1;
      },
      [&] { EXPECT_EQ(stock.count(25), 0u); });
}

CONCURRENT_TEST(Broken, UsesWhatAnotherFreed) {
  auto* account = new Account;
  labkit::RunTogether([=] { delete account; }, [=] { Deposit(*account); });
}

CONCURRENT_TEST(Broken, UnlocksAnothersMutex) {
  a.lock();
  labkit::RunTogether([] { a.unlock(); });
}

CONCURRENT_TEST(Broken, LocksTwice) {
  std::scoped_lock outer(a);
  std::scoped_lock inner(a);
}

CONCURRENT_TEST(Broken, GivesAWrongResult) {
  int total = 0;
  labkit::RunTogether([&] { total = 1; });
  EXPECT_EQ(total, 2) << "one is missing";
}

CONCURRENT_TEST(Broken, ThrowsInAThread) {
  labkit::RunTogether([] { throw std::runtime_error("no funds"); });
}

CONCURRENT_TEST(Broken, ForgetsToJoin) {
  std::thread thread([] {});
}

CONCURRENT_TEST(Broken, FollowsANullPointer) {
  labkit::RunTogether([] {
    Account* none = nullptr;
    asm volatile("" : "+r"(none));
    Deposit(*none);
  });
}

CONCURRENT_TEST(Broken, Leaves) {
  labkit::RunTogether([] { std::_Exit(0); });
}

static int Deep(int n) {
  volatile char page[4096];
  page[0] = static_cast<char>(n);
  return n == 0 ? 0 : Deep(n + 1) + page[0];
}
CONCURRENT_TEST(Broken, OverflowsItsStack) {
  labkit::RunTogether([] { EXPECT_EQ(Deep(1), 0); });
}

struct Tally {
  int total, north, south;
};
CONCURRENT_TEST(Broken, PublishesByARelaxedAtomicOfTwelveBytes) {
  std::atomic<Tally> tally{Tally{}};
  // Eight bytes: libtsan remembers four accesses of each eight.
  long published = 0;
  labkit::RunTogether(
      [&] {
        published = 7;
        tally.store({1, 0, 1}, std::memory_order_relaxed);
      },
      [&] {
        while (tally.load(std::memory_order_relaxed).total == 0) {
        }
        EXPECT_EQ(published, 7);
      });
}

CONCURRENT_TEST(Broken, NeverJoinsAPthread) {
  pthread_t thread;
  pthread_create(&thread, nullptr, [](void* p) { return p; }, nullptr);
}

CONCURRENT_TEST(Broken, WaitsForEver) {
  std::mutex mutex;
  std::unique_lock lock(mutex);
  labkit::RunTogether([&] { std::scoped_lock inner(mutex); });
}
