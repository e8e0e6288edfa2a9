// The twins of broken.cc, repaired, and what must start afresh in every round.
#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "labkit/labkit.h"

namespace {

int counter = 0;
std::mutex a, b;
std::vector<int> prices = {1, 2, 3};
std::map<std::string, std::string> names = {
    {"one", "a value that is too long for the string itself"}};
std::unique_ptr<int> owned = std::make_unique<int>(5);
thread_local int visits = 0;

// No machine words: the compiler calls functions for them.
struct Twelve {
  int parts[3] = {};
};
struct Sixteen {
  long parts[2] = {};
};

}  // namespace

CONCURRENT_TEST(Repaired, Counter) {
  auto add = [] {
    std::scoped_lock lock(a);
    ++counter;
  };
  labkit::RunTogether(add, add);
  EXPECT_EQ(counter, 2);
}

template <typename Struct>
static void CountByExchange() {
  const int n = labkit::ByEngine{.model = 1, .stress = 2000}.get();
  std::atomic<Struct> shared{Struct{}};
  auto add = [&] {
    for (int i = 0; i < n; ++i) {
      Struct seen = shared.load();
      for (;;) {
        EXPECT_EQ(seen.parts[0], seen.parts[1]);
        Struct next = seen;
        ++next.parts[0];
        ++next.parts[1];
        if (shared.compare_exchange_weak(seen, next)) break;
      }
    }
  };
  labkit::RunTogether(add, add);
  EXPECT_EQ(shared.exchange(Struct{}).parts[1], 2 * n);
  EXPECT_EQ(shared.load().parts[1], 0);
}
CONCURRENT_TEST(Repaired, CountsIn12Bytes) { CountByExchange<Twelve>(); }
CONCURRENT_TEST(Repaired, CountsIn16Bytes) { CountByExchange<Sixteen>(); }

CONCURRENT_TEST(Repaired, StoreBuffersOfALargeAtomic) {
  std::atomic<Twelve> large{Twelve{}};
  std::atomic<int> small{0};
  int first = 0, second = 0;
  labkit::RunTogether(
      [&] {
        large.store(Twelve{{1, 1, 1}});
        first = small.load();
      },
      [&] {
        small.store(1);
        second = large.load().parts[0];
      });
  EXPECT_GE(first + second, 1);
}

CONCURRENT_TEST(Repaired, Ticket) {
  std::mutex mutex;
  int tickets = 1;
  int sold = 0;
  auto buy = [&] {
    std::scoped_lock lock(mutex);
    if (tickets > 0) {
      --tickets;
      ++sold;
    }
  };
  labkit::RunTogether(buy, buy);
  EXPECT_EQ(sold, 1);
}

CONCURRENT_TEST(Repaired, BothLocksAtOnce) {
  const int n = labkit::ByEngine{.model = 1, .stress = 200}.get();
  labkit::RunTogether(
      [=] {
        for (int i = 0; i < n; ++i) std::scoped_lock both(a, b);
      },
      [=] {
        for (int i = 0; i < n; ++i) std::scoped_lock both(b, a);
      });
}

CONCURRENT_TEST(Repaired, WakeUp) {
  std::mutex mutex;
  std::condition_variable changed;
  bool ready = false;
  labkit::RunTogether(
      [&] {
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] { return ready; });
      },
      [&] {
        std::scoped_lock lock(mutex);
        ready = true;
        changed.notify_one();
      });
}

CONCURRENT_TEST(Repaired, AbslCondition) {
  absl::Mutex mutex;
  bool ready = false;
  labkit::RunTogether(
      [&] { absl::MutexLock lock(&mutex, absl::Condition(&ready)); },
      [&] {
        absl::MutexLock lock(&mutex);
        ready = true;
      });
}

CONCURRENT_TEST(Repaired, StateIsFreshInEveryRound) {
  static int calls = 0;
  static const std::unique_ptr<std::string> made =
      std::make_unique<std::string>("a text of the round's own, on the heap");
  EXPECT_EQ(++calls, 1);
  EXPECT_EQ(++counter, 1);
  EXPECT_EQ(++visits, 1);
  EXPECT_EQ(made->front(), 'a');
  ASSERT_EQ(prices, (std::vector<int>{1, 2, 3}));
  prices.push_back(4);
  prices.push_back(5);
  prices[0] = 7;
  ASSERT_EQ(names.size(), 1u);
  EXPECT_EQ(names["one"].front(), 'a');
  names["two"] = "another value that is too long for the string itself";
  names.erase("one");
  ASSERT_TRUE(owned);
  EXPECT_EQ((*owned)++, 5);
  owned.reset();
  labkit::RunTogether([] { EXPECT_EQ(++visits, 1); });
}

CONCURRENT_TEST(Repaired, FillsMemoryBetweenRounds) {
  static std::vector<char> lost;
  EXPECT_TRUE(lost.empty());
  lost.assign(1 << 20, 'x');
}

CONCURRENT_TEST(Repaired, TakesItsTime) {
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
}

TEST(Sequential, Adds) { EXPECT_EQ(1 + 1, 2); }
