// Programs that could go on without end, or wake and fail without reason as
// often as they like: what the search says that it has left out.

#include <pthread.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "labkit/labkit.h"

using namespace std::chrono_literals;

namespace {

std::mutex first;
std::mutex second;
std::mutex mutex;
std::condition_variable changed;
bool ready = false;
int turn = 0;
int value = 0;
std::atomic<int> word{0};
std::atomic<bool> flag{false};

// Takes both, backing off where the second one is taken; how often it did.
int BackOff() {
  int rounds = 0;
  for (;;) {
    first.lock();
    if (second.try_lock()) break;
    first.unlock();
    ++rounds;
  }
  second.unlock();
  first.unlock();
  return rounds;
}

void HoldSecond() {
  std::lock_guard lock(second);
  ++value;
}

}  // namespace

CONCURRENT_TEST(Letter, LookingInACircle) {
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

CONCURRENT_TEST(Letter, YieldingInACircle) {
  labkit::RunTogether(
      [] {
        while (!flag.load()) std::this_thread::yield();
      },
      [] { flag.store(true); });
}

CONCURRENT_TEST(Letter, PollingUnderALock) {
  labkit::RunTogether(
      [] {
        for (;;) {
          std::lock_guard lock(mutex);
          if (ready) break;
        }
      },
      [] {
        std::lock_guard lock(mutex);
        ready = true;
      });
}

CONCURRENT_TEST(Letter, TryingInACircle) {
  labkit::RunTogether(
      [] {
        while (!second.try_lock()) {
        }
        second.unlock();
      },
      [] { HoldSecond(); });
}

CONCURRENT_TEST(Letter, WaitingInALoop) {
  labkit::RunTogether(
      [] {
        std::unique_lock lock(mutex);
        changed.wait(lock, [] { return ready; });
      },
      [] {
        std::lock_guard lock(mutex);
        ready = true;
        changed.notify_one();
      });
}

CONCURRENT_TEST(Letter, WaitingForAnAtomic) {
  labkit::RunTogether([] { word.wait(0); },
                      [] {
                        word.store(1);
                        word.notify_one();
                      });
}

CONCURRENT_TEST(Within, TwoWaitsMayWakeTwice) {
  const auto take = [](int mine) {
    return [mine] {
      for (int i = 0; i < 2; ++i) {
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] { return turn % 2 == mine; });
        ++turn;
        changed.notify_one();
      }
    };
  };
  labkit::RunTogether(take(0), take(1));
  EXPECT_EQ(turn, 4);
}

CONCURRENT_TEST(Within, ThreeTimeouts) {
  labkit::RunTogether(
      [] {
        std::unique_lock lock(mutex);
        for (int i = 0; i < 3 && !ready; ++i) changed.wait_for(lock, 1ms);
      },
      [] {
        std::lock_guard lock(mutex);
        ready = true;
        changed.notify_one();
      });
}

CONCURRENT_TEST(Within, WeakExchangesFailTwice) {
  const auto add = [] {
    int seen = word.load();
    while (!word.compare_exchange_weak(seen, seen + 1)) {
    }
  };
  labkit::RunTogether(add, add);
  EXPECT_EQ(word.load(), 2);
}

CONCURRENT_TEST(Letter, StrongExchanges) {
  const auto add = [] {
    int seen = 0;
    if (!word.compare_exchange_strong(seen, 1)) {
      EXPECT_TRUE(word.compare_exchange_strong(seen, 2));
    }
  };
  labkit::RunTogether(add, add);
  EXPECT_EQ(word.load(), 2);
}

CONCURRENT_TEST(Within, CountingTheLooks) {
  labkit::RunTogether(
      [] {
        int looks = 0;
        while (!flag.load(std::memory_order_acquire)) ++looks;
        EXPECT_LT(looks, 50);
      },
      [] { flag.store(true, std::memory_order_release); });
}

CONCURRENT_TEST(Within, CountingTheRounds) {
  labkit::RunTogether([] { EXPECT_LT(BackOff(), 50); }, [] { HoldSecond(); });
}

// The circle of one is seen by the other, who counts.
CONCURRENT_TEST(Within, AnotherCountsTheRounds) {
  labkit::RunTogether([] { BackOff(); }, [] { HoldSecond(); },
                      [] {
                        int taken = 0;
                        int free = 0;
                        while (taken == free) {
                          if (first.try_lock()) {
                            first.unlock();
                            ++free;
                            break;
                          }
                          ++taken;
                        }
                        EXPECT_LT(taken, 50);
                      });
}

CONCURRENT_TEST(Within, BothBackOffInStep) {
  labkit::RunTogether(
      [] {
        std::scoped_lock both(first, second);
        ++value;
      },
      [] {
        std::scoped_lock both(second, first);
        ++value;
      });
  EXPECT_EQ(value, 2);
}

CONCURRENT_TEST(Within, SleepingInARow) {
  labkit::RunTogether(
      [] {
        for (int i = 0; i < 7; ++i) std::this_thread::sleep_for(1ms);
        word.load();
      },
      [] { word.store(1); });
}

CONCURRENT_TEST(Within, LookingAtTheClock) {
  labkit::RunTogether([] { std::this_thread::sleep_for(1h); },
                      [] {
                        const auto start = std::chrono::steady_clock::now();
                        word.store(1);
                        EXPECT_GE(std::chrono::steady_clock::now(), start);
                      });
}

CONCURRENT_TEST(Found, AfterTwoRounds) {
  labkit::RunTogether([] { EXPECT_LT(BackOff(), 2); }, [] { HoldSecond(); });
}

CONCURRENT_TEST(Found, AfterTwoLooks) {
  labkit::RunTogether(
      [] {
        int looks = 0;
        while (!flag.load(std::memory_order_acquire)) ++looks;
        EXPECT_LT(looks, 2);
      },
      [] { flag.store(true, std::memory_order_release); });
}

// What the model itself is made of.

namespace {

volatile int sink = 0;

[[gnu::noinline]] int Descend(int levels) {
  volatile char room[4096];
  room[levels % 4096] = 1;
  const int below = levels == 0 ? 0 : Descend(levels - 1);
  sink = room[levels % 4096];
  return below + 1;
}

void* DescendFar(void*) {
  sink = Descend(2500);
  return nullptr;
}

void RunWithStack(size_t bytes) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, bytes);
  pthread_t thread;
  ASSERT_EQ(pthread_create(&thread, &attributes, DescendFar, nullptr), 0);
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
}

}  // namespace

CONCURRENT_TEST(Room, SevenMebibytesOfStack) {
  std::jthread([] { EXPECT_EQ(Descend(1700), 1701); });
}
CONCURRENT_TEST(Room, LargeLocal) {
  std::jthread([] {
    volatile char large[6 << 20];
    large[0] = 7;
    EXPECT_EQ(large[0], 7);
  });
}
CONCURRENT_TEST(Room, FifteenMebibytesOfHeap) {
  std::vector<char> bytes(15 << 20);
  std::jthread([&] { bytes[3] = 7; }).join();
  EXPECT_EQ(bytes[3], 7);
}

CONCURRENT_TEST(NoRoom, TenMebibytesOfStack) { RunWithStack(64 << 20); }
CONCURRENT_TEST(NoRoom, TwentyMebibytesOfHeap) {
  std::vector<char> bytes(20 << 20);
  std::jthread([&] { bytes[3] = 7; }).join();
  EXPECT_EQ(bytes[3], 7);
}

CONCURRENT_TEST(NoRoom, HeapFilledWithoutEnd) {
  std::jthread([] {
    std::vector<std::vector<char>> blocks;
    for (;;) blocks.emplace_back(size_t{1} << 20);
  });
}

CONCURRENT_TEST(Overflow, TenMebibytesOfStack) { RunWithStack(8 << 20); }
CONCURRENT_TEST(Overflow, TooLargeALocal) {
  std::jthread([] {
    volatile char large[10 << 20];
    large[0] = 7;
    EXPECT_EQ(large[0], 7);
  });
}
