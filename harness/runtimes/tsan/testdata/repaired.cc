// The twins of broken.cc, repaired; none may ever be reported.
#include <atomic>
#include <barrier>
#include <condition_variable>
#include <future>
#include <latch>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <semaphore>
#include <shared_mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "labkit/labkit.h"

namespace {

int counter = 0;
std::mutex a, b;

}  // namespace

CONCURRENT_TEST(Repaired, Mutex) {
  auto add = [] {
    std::scoped_lock lock(a);
    ++counter;
  };
  labkit::RunTogether(add, add);
  EXPECT_EQ(counter, 2);
}

CONCURRENT_TEST(Repaired, BothOrdersButNeverTogether) {
  {
    std::scoped_lock first(a);
    std::scoped_lock second(b);
  }
  labkit::RunTogether([] {
    std::scoped_lock first(b);
    std::scoped_lock second(a);
  });
}

CONCURRENT_TEST(Repaired, Atomics) {
  static int data = 0;
  std::atomic<bool> ready{false};
  labkit::RunTogether(
      [&] {
        data = 42;
        ready.store(true, std::memory_order_release);
      },
      [&] {
        while (!ready.load(std::memory_order_acquire))
          std::this_thread::yield();
        EXPECT_EQ(data, 42);
      });
}

CONCURRENT_TEST(Repaired, Semaphore) {
  int data = 0;
  std::counting_semaphore<4> full(0);
  std::binary_semaphore empty(0);
  labkit::RunTogether(
      [&] {
        data = 1;
        full.release();
        empty.acquire();
        EXPECT_EQ(data, 2);
      },
      [&] {
        full.acquire();
        data = 2;
        empty.release();
      });
}

CONCURRENT_TEST(Repaired, TimedSemaphore) {
  int data = 0;
  std::counting_semaphore<4> full(0);
  labkit::RunTogether(
      [&] {
        data = 1;
        full.release();
      },
      [&] {
        if (full.try_acquire_for(std::chrono::seconds(60))) {
          EXPECT_EQ(data, 1);
        }
      });
}

CONCURRENT_TEST(Repaired, ConditionVariable) {
  std::mutex mutex;
  std::condition_variable changed;
  std::string text;
  labkit::RunTogether(
      [&] {
        std::scoped_lock lock(mutex);
        text = "a text that is too long to fit into the string itself";
        changed.notify_all();
      },
      [&] {
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] { return !text.empty(); });
        EXPECT_EQ(text.front(), 'a');
      },
      [&] {
        std::unique_lock lock(mutex);
        EXPECT_TRUE(changed.wait_for(lock, std::chrono::seconds(60),
                                     [&] { return !text.empty(); }));
      });
}

CONCURRENT_TEST(Repaired, GrowsAStringThatIsRead) {
  std::mutex mutex;
  std::string text = "a text of twenty-one.";
  labkit::RunTogether(
      [&] {
        std::lock_guard lock(mutex);
        text.append(100, 'a');
      },
      [&] {
        std::lock_guard lock(mutex);
        EXPECT_EQ(text[0], 'a');
      });
}

CONCURRENT_TEST(Repaired, SharedMutex) {
  std::shared_mutex mutex;
  std::vector<int> values;
  auto read = [&] {
    std::shared_lock lock(mutex);
    EXPECT_LE(values.size(), 1u);
  };
  labkit::RunTogether(read, read, [&] {
    std::unique_lock lock(mutex);
    values.push_back(1);
  });
}

CONCURRENT_TEST(Repaired, SharedTimedMutex) {
  std::shared_timed_mutex mutex;
  int value = 0;
  labkit::RunTogether(
      [&] {
        if (mutex.try_lock_for(std::chrono::seconds(60))) {
          ++value;
          mutex.unlock();
        }
      },
      [&] {
        if (mutex.try_lock_for(std::chrono::seconds(60))) {
          ++value;
          mutex.unlock();
        }
      },
      [&] {
        if (mutex.try_lock_shared_for(std::chrono::seconds(60))) {
          EXPECT_LE(value, 2);
          mutex.unlock_shared();
        }
      });
}

CONCURRENT_TEST(Repaired, TimedMutex) {
  std::timed_mutex mutex;
  int value = 0;
  auto add = [&] {
    if (mutex.try_lock_for(std::chrono::seconds(60))) {
      ++value;
      mutex.unlock();
    }
  };
  labkit::RunTogether(add, add);
  EXPECT_EQ(value, 2);
}

CONCURRENT_TEST(Repaired, LatchAndBarrier) {
  std::latch latch(2);
  std::barrier barrier(2);
  int left = 0, right = 0;
  labkit::RunTogether(
      [&] {
        left = 1;
        latch.arrive_and_wait();
        EXPECT_EQ(right, 1);
        barrier.arrive_and_wait();
        left = 2;
        barrier.arrive_and_wait();
      },
      [&] {
        right = 1;
        latch.arrive_and_wait();
        EXPECT_EQ(left, 1);
        barrier.arrive_and_wait();
        barrier.arrive_and_wait();
        EXPECT_EQ(left, 2);
      });
}

CONCURRENT_TEST(Repaired, FuturesAndExceptions) {
  auto number = std::async(std::launch::async, [] { return 42; });
  auto failing = std::async(std::launch::async, []() -> int {
    throw std::runtime_error("a message that is long enough for the heap");
  });
  EXPECT_EQ(number.get(), 42);
  EXPECT_THROW(failing.get(), std::runtime_error);
  std::promise<std::string> promise;
  auto text = promise.get_future();
  labkit::RunTogether(
      [&] { promise.set_value("a long, long, long, long text"); },
      [&] { EXPECT_EQ(text.get().front(), 'a'); });
}

CONCURRENT_TEST(Repaired, SharedPointers) {
  auto shared = std::make_shared<std::string>("text");
  auto read = [copy = shared] { EXPECT_EQ(*copy, "text"); };
  auto lock = [weak = std::weak_ptr<std::string>(shared)] {
    if (auto strong = weak.lock()) {
      EXPECT_EQ(*strong, "text");
    }
  };
  auto drop = [moved = std::move(shared)]() mutable { moved.reset(); };
  labkit::RunTogether(std::move(read), std::move(lock), std::move(drop));
}

// No machine word: the compiler calls a function for it.
struct Tally {
  int total, north, south;
};

CONCURRENT_TEST(Repaired, AtomicOfTwelveBytes) {
  std::atomic<Tally> tally{Tally{}};
  int published = 0;
  const auto add = [&] {
    for (int i = 0; i < 200; ++i) {
      Tally seen = tally.load();
      Tally more;
      do {
        more = {seen.total + 1, seen.north, seen.south + 1};
      } while (!tally.compare_exchange_strong(seen, more));
    }
  };
  labkit::RunTogether(add, add);
  EXPECT_EQ(tally.load().total, 400);
  EXPECT_EQ(tally.load().south, 400);
  labkit::RunTogether(
      [&] {
        published = 7;
        tally.store({}, std::memory_order_release);
      },
      [&] {
        if (tally.load(std::memory_order_acquire).total == 0) {
          EXPECT_EQ(published, 7);
        }
      });
}

CONCURRENT_TEST(Repaired, AtomicSharedPointer) {
  std::atomic<std::shared_ptr<const int>> current{std::make_shared<int>(1)};
  std::atomic<int> sum{0};
  const auto work = [&] {
    for (int i = 0; i < 200; ++i) {
      sum += *current.load();
      current.store(std::make_shared<const int>(1));
    }
  };
  labkit::RunTogether(work, work, work);
  EXPECT_EQ(sum.load(), 600);
}

CONCURRENT_TEST(Repaired, ContainersOfNodes) {
  std::map<int, int> stock;
  std::list<int> queue;
  std::mutex lock;
  const auto work = [&](int start) {
    return [&, start] {
      for (int i = 0; i < 300; ++i) {
        std::lock_guard<std::mutex> guard(lock);
        stock[start + i * 37 % 101] = i;
        queue.push_back(i);
        if (i % 3 == 0) {
          stock.erase(stock.begin());
          queue.pop_front();
        }
        int before = -1;
        for (const auto& [key, value] : stock) {
          EXPECT_LT(before, key);
          before = key;
        }
      }
    };
  };
  labkit::RunTogether(work(0), work(50));
  EXPECT_EQ(queue.size(), 400u);
}

CONCURRENT_TEST(Repaired, OnceAndStatics) {
  static std::once_flag once;
  static int made = 0;
  auto use = [] {
    std::call_once(once, [] { ++made; });
    static const std::string text = std::to_string(made);
    EXPECT_EQ(text, "1");
  };
  labkit::RunTogether(use, use);
}

CONCURRENT_TEST(Repaired, OnceAgainIfItThrows) {
  static std::once_flag once;
  static int made = 0;
  const auto use = [] {
    try {
      std::call_once(once, [] {
        if (++made == 1) throw std::runtime_error("not yet");
      });
    } catch (const std::runtime_error&) {
    }
  };
  labkit::RunTogether(use, use);
  EXPECT_EQ(made, 2);
}

CONCURRENT_TEST(Repaired, AtomicWait) {
  std::atomic<int> stage{0};
  int data = 0;
  labkit::RunTogether(
      [&] {
        data = 5;
        stage.store(1);
        stage.notify_all();
      },
      [&] {
        stage.wait(0);
        EXPECT_EQ(data, 5);
      });
}

CONCURRENT_TEST(Repaired, JThreadsAndStopTokens) {
  int done = 0;
  {
    std::jthread worker([&](std::stop_token stop) {
      while (!stop.stop_requested()) std::this_thread::yield();
      done = 1;
    });
    worker.request_stop();
  }
  EXPECT_EQ(done, 1);
}

CONCURRENT_TEST(Repaired, ADetachedThreadThatIsWaitedFor) {
  static std::mutex mutex;
  static std::condition_variable ended;
  static bool over = false;
  std::thread([] {
    std::scoped_lock lock(mutex);
    over = true;
    ended.notify_one();
  }).detach();
  std::unique_lock lock(mutex);
  ended.wait(lock, [] { return over; });
}

// Of another run's thread, which nothing orders before this one's.
CONCURRENT_TEST(Repaired, LeavesADetachedThread) {
  static int written = 0;
  std::thread([] { ++written; }).detach();
}

// Deeper than libtsan has room for.
[[gnu::noinline]] static int Depth(int n) {
  volatile int here = n;
  return here == 0 ? 0 : Depth(n - 1) + 1;
}
CONCURRENT_TEST(Repaired, RecursesDeeply) {
  labkit::RunTogether([] { EXPECT_EQ(Depth(80000), 80000); },
                      [] { EXPECT_EQ(Depth(80000), 80000); });
}

CONCURRENT_TEST(Repaired, StartsAfreshInEveryRun) {
  static std::vector<int> made(2, 1);
  static std::once_flag once;
  thread_local int own = 0;
  int calls = 0;
  EXPECT_EQ(made, (std::vector<int>{1, 1}));
  EXPECT_EQ(++own, 1);
  labkit::RunTogether(
      [&] {
        std::call_once(once, [&] { ++calls; });
        EXPECT_EQ(++own, 1);
        std::scoped_lock lock(a);
        made.push_back(2);
      },
      [&] {
        std::call_once(once, [&] { ++calls; });
        EXPECT_EQ(++own, 1);
        std::scoped_lock lock(a);
        made.clear();
      });
  EXPECT_EQ(calls, 1);
}

TEST(Sequential, Adds) { EXPECT_EQ(1 + 1, 2); }
