// Threads, memory and the end of both, right and wrong.

#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "labkit/labkit.h"

namespace {

std::atomic<bool> flag{false};
bool plain_flag = false;
std::atomic_flag spin;
int value = 0;
int destroyed = 0;
int* global_block = nullptr;
std::string text = "a text that is longer than sixteen characters";
std::vector<int> numbers = {1, 2, 3};

struct Local {
  int count = 0;
  ~Local() { destroyed += count; }
};
thread_local Local local;

int Deep(int n) {
  volatile char big[4096];
  big[0] = static_cast<char>(n);
  return n == 0 ? 0 : Deep(n - 1) + big[0];
}

}  // namespace

CONCURRENT_TEST(Threads, LeftOverIsALeak) {
  pthread_t thread;
  pthread_create(&thread, nullptr, [](void* p) { return p; }, nullptr);
}

CONCURRENT_TEST(Threads, DetachedMayEndLater) {
  std::thread([] { flag.store(true); }).detach();
}

CONCURRENT_TEST(Threads, JoinableDestroyedTerminates) {
  std::thread thread([] {});
}

CONCURRENT_TEST(Threads, JoiningItselfIsMisuse) {
  pthread_join(pthread_self(), nullptr);
}

CONCURRENT_TEST(Threads, ExitUnwinds) {
  pthread_t thread;
  pthread_create(
      &thread, nullptr,
      [](void*) -> void* {
        struct Guard {
          ~Guard() { value = 7; }
        } guard;
        pthread_exit(&value);
      },
      nullptr);
  void* result = nullptr;
  pthread_join(thread, &result);
  EXPECT_EQ(result, &value);
  EXPECT_EQ(value, 7);
}

CONCURRENT_TEST(Threads, ThreadLocalsArePrivateAndDestroyed) {
  std::thread first([] { local.count = 1; });
  first.join();
  std::thread second([] {
    EXPECT_EQ(local.count, 0);
    local.count = 2;
  });
  second.join();
  EXPECT_EQ(destroyed, 3);
  EXPECT_EQ(local.count, 0);
}

CONCURRENT_TEST(Threads, KeysAreDestroyed) {
  static pthread_key_t key;
  pthread_key_create(&key, [](void* p) { *static_cast<int*>(p) = 1; });
  int first = 0;
  int second = 0;
  labkit::RunTogether([&] { pthread_setspecific(key, &first); },
                      [&] { pthread_setspecific(key, &second); });
  EXPECT_EQ(first + second, 2);
}

CONCURRENT_TEST(Threads, ExceptionsStayInTheirThread) {
  auto work = [] {
    try {
      flag.store(true);
      throw std::runtime_error("mine");
    } catch (const std::exception& error) {
      flag.load();
      EXPECT_EQ(std::string(error.what()), "mine");
      flag.store(false);
      EXPECT_NE(std::current_exception(), nullptr);
    }
  };
  labkit::RunTogether(work, work);
}

CONCURRENT_TEST(Threads, MoreThanFour) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i) threads.emplace_back([] {});
  for (std::thread& thread : threads) thread.join();
}

CONCURRENT_TEST(Threads, UncaughtExceptionIsACrash) {
  std::thread([] { throw std::runtime_error("nobody catches me"); }).join();
}

CONCURRENT_TEST(Threads, ExitIsACrash) {
  std::thread([] { exit(0); }).join();
}

CONCURRENT_TEST(Threads, NullPointerIsACrash) {
  std::thread([] {
    volatile int* volatile null = nullptr;
    *null = 1;
  }).join();
}

CONCURRENT_TEST(Threads, StackOverflowIsACrash) {
  std::thread([] { value = Deep(1000000); }).join();
}

CONCURRENT_TEST(Threads, ForkIsUnsupported) { fork(); }

CONCURRENT_TEST(Heap, ReadAfterFree) {
  auto shared = std::make_unique<int>(7);
  int* pointer = shared.get();
  shared.reset();
  value = *pointer;
}

CONCURRENT_TEST(Heap, FreedByAnother) {
  int* block = new int(7);
  std::atomic<int*> published{block};
  labkit::RunTogether([&] { value = *published.load(); },
                      [&] { delete published.load(); });
}

CONCURRENT_TEST(Heap, FreedTwice) {
  int* block = new int(7);
  delete block;
  int* volatile again = block;
  delete again;
}

CONCURRENT_TEST(Heap, NeverFreed) {
  int* volatile block = new int(7);
  value = *block;
}

CONCURRENT_TEST(Heap, FilledAndGivenBack) {
  std::thread thread([] {
    for (int i = 0; i < 100; ++i) std::vector<char> block(size_t{1} << 20);
  });
  thread.join();
}

CONCURRENT_TEST(Heap, KeptByAGlobalIsNoLeak) { global_block = new int(7); }

CONCURRENT_TEST(Heap, GlobalsStartAfresh) {
  EXPECT_EQ(numbers.size(), 3u);
  EXPECT_EQ(text.substr(0, 6), "a text");
  numbers.push_back(4);
  text += "!";
  EXPECT_EQ(global_block, nullptr);
}

CONCURRENT_TEST(Heap, SharedPtrCountsAtomically) {
  auto shared = std::make_shared<int>(7);
  std::weak_ptr<int> weak = shared;
  labkit::RunTogether([copy = shared] { EXPECT_EQ(*copy, 7); },
                      [&weak] {
                        if (auto strong = weak.lock()) EXPECT_EQ(*strong, 7);
                      });
  EXPECT_EQ(shared.use_count(), 1);
}

CONCURRENT_TEST(Heap, AtomicSharedPtr) {
  std::atomic<std::shared_ptr<int>> current{std::make_shared<int>(1)};
  labkit::RunTogether([&] { current.store(std::make_shared<int>(2)); },
                      [&] {
                        std::shared_ptr<int> seen = current.load();
                        EXPECT_TRUE(*seen == 1 || *seen == 2);
                      });
}

CONCURRENT_TEST(Spin, AcquireLoopEnds) {
  labkit::RunTogether(
      [] {
        while (!flag.load(std::memory_order_acquire)) {
        }
        EXPECT_EQ(value, 7);
      },
      [] {
        value = 7;
        flag.store(true, std::memory_order_release);
      });
}

CONCURRENT_TEST(Spin, YieldingLoopEnds) {
  labkit::RunTogether(
      [] {
        while (!flag.load(std::memory_order_acquire)) std::this_thread::yield();
      },
      [] { flag.store(true, std::memory_order_release); });
}

CONCURRENT_TEST(Spin, RelaxedFlagRaces) {
  labkit::RunTogether(
      [] {
        while (!flag.load(std::memory_order_relaxed)) {
        }
        EXPECT_EQ(value, 7);
      },
      [] {
        value = 7;
        flag.store(true, std::memory_order_relaxed);
      });
}

CONCURRENT_TEST(Spin, NobodyStores) {
  labkit::RunTogether([] {
    while (!flag.load()) {
    }
  });
}

CONCURRENT_TEST(Spin, PlainFlagRaces) {
  labkit::RunTogether(
      [] {
        while (!plain_flag) {
        }
      },
      [] { plain_flag = true; });
}

// volatile: a compiler may take it that a loop without effects ends.
CONCURRENT_TEST(Spin, PlainFlagThatNobodySets) {
  static volatile bool nobody_sets_it = false;
  labkit::RunTogether(
      [] {
        while (!nobody_sets_it) {
        }
      },
      [] { flag.store(true); });
}

CONCURRENT_TEST(Spin, LongWayWithoutSynchronizing) {
  labkit::RunTogether(
      [] {
        int sum = 0;
        for (int round = 0; round < 3000; ++round) {
          for (const int number : numbers) sum += number;
        }
        EXPECT_EQ(sum, 18000);
      },
      [] { flag.store(true); });
}

// Each gets a turn again and again, and none of them gets anywhere.
CONCURRENT_TEST(Spin, AfterYou) {
  static std::atomic<bool> wants[2];
  const auto enter = [](int me) {
    return [me] {
      wants[me].store(true);
      while (wants[1 - me].load()) std::this_thread::yield();
      wants[me].store(false);
    };
  };
  labkit::RunTogether(enter(0), enter(1));
}

// Starved only by an unfair scheduler: not the program's fault.
CONCURRENT_TEST(Spin, AfterYouWithATurn) {
  static std::atomic<bool> wants[2];
  static std::atomic<int> turn{0};
  const auto enter = [](int me) {
    return [me] {
      wants[me].store(true);
      turn.store(1 - me);
      while (wants[1 - me].load() && turn.load() != me) {
        std::this_thread::yield();
      }
      wants[me].store(false);
    };
  };
  labkit::RunTogether(enter(0), enter(1));
}

CONCURRENT_TEST(Spin, SpinLockExcludes) {
  auto add = [] {
    while (spin.test_and_set(std::memory_order_acquire)) {
    }
    ++value;
    spin.clear(std::memory_order_release);
  };
  labkit::RunTogether(add, add);
  EXPECT_EQ(value, 2);
}

CONCURRENT_TEST(Spin, SpinLockNeverReleased) {
  auto add = [] {
    while (spin.test_and_set(std::memory_order_acquire)) {
    }
  };
  labkit::RunTogether(add, add);
}

CONCURRENT_TEST(Spin, EmptyLoopIsLivelock) {
  std::thread([] {
    for (volatile int i = 0;;) i = i + 1;
  }).join();
}

// It is made to wait before it gives up.
CONCURRENT_TEST(Spin, GivesUpAfterFortyLooks) {
  EXPECT_REACHABLE("gave up");
  static std::atomic<bool> ready{false};
  labkit::RunTogether(
      [] {
        for (int i = 0; i < 40; ++i) {
          if (ready.load()) return;
        }
        REACHED("gave up");
      },
      [] { ready.store(true); });
}

CONCURRENT_TEST(Spin, GoesOnAfterThreeYields) {
  EXPECT_REACHABLE("came between");
  static std::atomic<int> turn{0};
  labkit::RunTogether(
      [] {
        if (turn.load() != 1) return;
        for (int i = 0; i < 3; ++i) std::this_thread::yield();
        if (turn.fetch_add(10) == 1) REACHED("came between");
      },
      [] {
        turn.store(1);
        turn.fetch_sub(1);
      });
}
