// Each of these is wrong, in the way that its name says.
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "labkit/labkit.h"

namespace {

int counter = 0;
std::mutex a, b;

struct Twelve {
  int parts[3] = {};
};
struct Sixteen {
  long parts[2] = {};
};

}  // namespace

// A single increment each: the smallest window there is.
CONCURRENT_TEST(Broken, LosesAnUpdate) {
  labkit::RunTogether([] { ++counter; }, [] { ++counter; });
  EXPECT_EQ(counter, 2);
}

CONCURRENT_TEST(Broken, LosesOneOfMany) {
  const int n = labkit::ByEngine{.model = 1, .stress = 20000}.get();
  auto add = [=] {
    for (int i = 0; i < n; ++i) ++counter;
  };
  labkit::RunTogether(add, add);
  EXPECT_EQ(counter, 2 * n);
}

CONCURRENT_TEST(Broken, ChecksThenActs) {
  std::atomic<int> tickets{1};
  std::atomic<int> sold{0};
  auto buy = [&] {
    if (tickets.load() > 0) {
      tickets.fetch_sub(1);
      sold.fetch_add(1);
    }
  };
  labkit::RunTogether(buy, buy);
  EXPECT_LE(sold.load(), 1);
}

template <typename Struct>
static void LoseAnUpdate() {
  const int n = labkit::ByEngine{.model = 1, .stress = 20000}.get();
  std::atomic<Struct> shared{Struct{}};
  auto add = [&] {
    for (int i = 0; i < n; ++i) {
      Struct value = shared.load();
      ++value.parts[1];
      shared.store(value);
    }
  };
  labkit::RunTogether(add, add);
  EXPECT_EQ(shared.load().parts[1], 2 * n);
}
CONCURRENT_TEST(Broken, LosesAnUpdateOf12Bytes) { LoseAnUpdate<Twelve>(); }
CONCURRENT_TEST(Broken, LosesAnUpdateOf16Bytes) { LoseAnUpdate<Sixteen>(); }

CONCURRENT_TEST(Broken, LocksInBothOrders) {
  const int n = labkit::ByEngine{.model = 1, .stress = 200}.get();
  labkit::RunTogether(
      [=] {
        for (int i = 0; i < n; ++i) {
          std::scoped_lock first(a);
          std::scoped_lock second(b);
        }
      },
      [=] {
        for (int i = 0; i < n; ++i) {
          std::scoped_lock first(b);
          std::scoped_lock second(a);
        }
      });
}

CONCURRENT_TEST(Broken, MissesAWakeUp) {
  std::mutex mutex;
  std::condition_variable changed;
  labkit::RunTogether(
      [&] {
        std::unique_lock lock(mutex);
        changed.wait(lock);
      },
      [&] {
        std::scoped_lock lock(mutex);
        changed.notify_one();
      });
}

CONCURRENT_TEST(Broken, WaitsForAnAbslCondition) {
  absl::Mutex mutex;
  bool never = false;
  labkit::RunTogether(
      [&] { absl::MutexLock lock(&mutex, absl::Condition(&never)); });
}

CONCURRENT_TEST(Broken, GrowsAVectorTogether) {
  std::vector<int> values;
  auto add = [&] {
    for (int i = 0; i < 200; ++i) values.push_back(i);
  };
  labkit::RunTogether(add, add);
  EXPECT_EQ(values.size(), 400u);
}

CONCURRENT_TEST(Broken, SpinsForEver) {
  static volatile bool never = false;
  labkit::RunTogether([] {
    while (!never) {
    }
  });
}

CONCURRENT_TEST(Broken, WaitsWithATimeoutForEver) {
  std::mutex mutex;
  std::condition_variable changed;
  bool never = false;
  std::unique_lock lock(mutex);
  while (!never) changed.wait_for(lock, std::chrono::milliseconds(5));
}
