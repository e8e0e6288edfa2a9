// Programs that std::atomic_thread_fence orders, and some that it does not.
#include <atomic>
#include <memory>
#include <thread>

#include "labkit/labkit.h"

#ifndef __clang__  // means libtsan without tsan/fences.h
#pragma GCC diagnostic ignored "-Wtsan"
#endif

namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;
constexpr auto kAcquire = std::memory_order_acquire;
constexpr auto kRelease = std::memory_order_release;

void Fence(std::memory_order order) { std::atomic_thread_fence(order); }

// One thread writes and tells, the other is told and reads.
template <typename Tell, typename IsTold>
void Publish(Tell tell, IsTold is_told) {
  // Apart: libtsan remembers few accesses to the same eight bytes.
  alignas(64) std::atomic<int> flag{0};
  alignas(64) int value = 0;
  labkit::RunTogether(
      [&] {
        value = 7;
        tell(flag);
      },
      [&] {
        while (!is_told(flag)) std::this_thread::yield();
        EXPECT_EQ(value, 7);
      });
}

void TellByFence(std::atomic<int>& flag) {
  Fence(kRelease);
  flag.store(1, kRelaxed);
}
bool IsToldByFence(std::atomic<int>& flag) {
  if (flag.load(kRelaxed) == 0) return false;
  Fence(kAcquire);
  return true;
}
void TellByStore(std::atomic<int>& flag) { flag.store(1, kRelease); }
bool IsToldByLoad(std::atomic<int>& flag) { return flag.load(kAcquire) != 0; }
void TellRelaxed(std::atomic<int>& flag) { flag.store(1, kRelaxed); }
bool IsToldRelaxed(std::atomic<int>& flag) { return flag.load(kRelaxed) != 0; }

struct Shared {
  std::atomic<int> holders{2};
  int value = 0;
};

}  // namespace

CONCURRENT_TEST(Right, OfALargeAtomic) {
  struct Twelve {
    int parts[3] = {};
  };
  std::atomic<Twelve> flag{Twelve{}};
  int value = 0;
  labkit::RunTogether(
      [&] {
        value = 7;
        Fence(kRelease);
        flag.store({{1, 1, 1}}, kRelaxed);
      },
      [&] {
        while (flag.load(kRelaxed).parts[0] == 0) std::this_thread::yield();
        Fence(kAcquire);
        EXPECT_EQ(value, 7);
      });
}
CONCURRENT_TEST(Right, FenceToFence) { Publish(TellByFence, IsToldByFence); }
CONCURRENT_TEST(Right, FenceToLoad) { Publish(TellByFence, IsToldByLoad); }
CONCURRENT_TEST(Right, StoreToFence) { Publish(TellByStore, IsToldByFence); }
CONCURRENT_TEST(Right, SequentialFences) {
  Publish(
      [](std::atomic<int>& flag) {
        Fence(std::memory_order_seq_cst);
        flag.fetch_add(1, kRelaxed);
      },
      [](std::atomic<int>& flag) {
        int one = 1;
        if (!flag.compare_exchange_strong(one, 2, kRelaxed)) return false;
        Fence(std::memory_order_seq_cst);
        return true;
      });
}
CONCURRENT_TEST(Right, LastOneOutFences) {
  auto* shared = new Shared;
  const auto drop = [shared] {
    EXPECT_EQ(shared->value, 0);
    if (shared->holders.fetch_sub(1, kRelease) != 1) return;
    Fence(kAcquire);
    delete shared;
  };
  labkit::RunTogether(drop, drop);
}
template <typename T>
void PublishBy() {
  std::atomic<T> flag{0};
  int value = 0;
  labkit::RunTogether(
      [&] {
        value = 7;
        Fence(kRelease);
        flag.exchange(1, kRelaxed);
      },
      [&] {
        while (flag.fetch_or(0, kRelaxed) == 0) std::this_thread::yield();
        Fence(kAcquire);
        EXPECT_EQ(value, 7);
      });
}
CONCURRENT_TEST(Right, EverySize) {
  PublishBy<unsigned char>();
  PublishBy<short>();
  PublishBy<int>();
  PublishBy<long>();
}
// What is gone by the time of the fence is not touched.
CONCURRENT_TEST(Right, FenceAfterTheEndOfWhatWasRead) {
  auto flag = std::make_unique<std::atomic<int>>(0);
  while (flag->load(kRelaxed) != 0) std::this_thread::yield();
  flag.reset();
  Fence(kAcquire);
}
CONCURRENT_TEST(Right, FenceAfterManyReads) {
  std::atomic<int> flags[200] = {};
  Publish(
      [&](std::atomic<int>& flag) {
        Fence(kRelease);
        for (auto& one : flags) one.store(1, kRelaxed);
        flag.store(1, kRelaxed);
      },
      [&](std::atomic<int>& flag) {
        for (auto& one : flags) one.load(kRelaxed);
        return IsToldByFence(flag);
      });
}

CONCURRENT_TEST(Wrong, NoFence) { Publish(TellRelaxed, IsToldRelaxed); }
CONCURRENT_TEST(Wrong, FenceBeforeTheStoreOnly) {
  Publish(TellByFence, IsToldRelaxed);
}
CONCURRENT_TEST(Wrong, FenceAfterTheLoadOnly) {
  Publish(TellRelaxed, IsToldByFence);
}
CONCURRENT_TEST(Wrong, FenceAfterTheStore) {
  Publish(
      [](std::atomic<int>& flag) {
        flag.store(1, kRelaxed);
        Fence(kRelease);
      },
      IsToldByFence);
}
CONCURRENT_TEST(Wrong, AcquireFenceInPlaceOfARelease) {
  Publish(
      [](std::atomic<int>& flag) {
        Fence(kAcquire);
        flag.store(1, kRelaxed);
      },
      IsToldByFence);
}
