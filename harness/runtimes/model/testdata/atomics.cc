// Atomic objects of every size and kind, right and wrong.

#include <atomic>
#include <cstddef>
#include <cstring>

#include "labkit/labkit.h"

#ifdef __clang__  // what these are is slow
#pragma clang diagnostic ignored "-Watomic-alignment"
#endif

namespace {

int value = 0;
std::atomic<int> word{0};

struct alignas(16) Pair {
  long left = 0;
  long right = 0;
  bool operator==(const Pair&) const = default;
};

}  // namespace

CONCURRENT_TEST(Right, SixteenBytesAtOnce) {
  static std::atomic<Pair> pair{Pair{}};
  labkit::RunTogether([] { pair.store(Pair{1, 1}); },
                      [] {
                        const Pair seen = pair.load();
                        EXPECT_EQ(seen.left, seen.right);
                      });
}
CONCURRENT_TEST(Wrong, SixteenBytesInTwoHalves) {
  static std::atomic<long> left{0};
  static std::atomic<long> right{0};
  labkit::RunTogether(
      [] {
        left.store(1);
        right.store(1);
      },
      [] {
        const long seen = left.load();
        EXPECT_EQ(seen, right.load());
      });
}

CONCURRENT_TEST(Right, AtomicRefCounts) {
  const auto add = [] { std::atomic_ref<int>(value).fetch_add(1); };
  labkit::RunTogether(add, add);
  EXPECT_EQ(value, 2);
}
CONCURRENT_TEST(Wrong, AtomicRefBesideAPlainAccess) {
  labkit::RunTogether([] { std::atomic_ref<int>(value).fetch_add(1); },
                      [] { ++value; });
}

// Compare-exchanges of every size. Nobody else changes the object, so a strong
// one succeeds at once; a weak one may fail all the same.
template <typename Exchange>
bool SucceedsAtOnce(Exchange exchange) {
  bool succeeded = false;
  labkit::RunTogether([&] { succeeded = exchange(); }, [] { word.store(1); });
  return succeeded;
}
struct Half {
  short left = 0;
  short right = 0;
};
std::atomic<bool> truth{false};
std::atomic<short> number{0};
std::atomic<int*> pointer{nullptr};
std::atomic<double> weight{0};
std::atomic<Half> half{Half{}};
std::atomic<Pair> whole{Pair{}};

template <typename T>
bool Strong(std::atomic<T>& object, T desired) {
  T seen{};
  return object.compare_exchange_strong(seen, desired);
}
template <typename T>
bool Weak(std::atomic<T>& object, T desired) {
  T seen{};
  return object.compare_exchange_weak(seen, desired, std::memory_order_acq_rel,
                                      std::memory_order_relaxed);
}
template <typename T>
bool WeakInALoop(std::atomic<T>& object, T desired) {
  T seen{};
  while (!object.compare_exchange_weak(seen, desired)) {
  }
  return true;
}

CONCURRENT_TEST(Right, StrongExchanges) {
  EXPECT_TRUE(SucceedsAtOnce([] {
    int seen = 0;
    return Strong(truth, true) && Strong<short>(number, 1) &&
           Strong(pointer, &value) && Strong(weight, 1.5) &&
           Strong(half, Half{1, 1}) && Strong(whole, Pair{1, 1}) &&
           __atomic_compare_exchange_n(&value, &seen, 3, false,
                                       __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
  }));
  EXPECT_EQ(half.load().right, 1);
  EXPECT_EQ(whole.load().right, 1);
  EXPECT_EQ(value, 3);
}
CONCURRENT_TEST(Right, WeakExchangesInLoops) {
  EXPECT_TRUE(SucceedsAtOnce([] {
    return WeakInALoop(truth, true) && WeakInALoop<short>(number, 1) &&
           WeakInALoop(pointer, &value) && WeakInALoop(weight, 1.5) &&
           WeakInALoop(half, Half{1, 1}) && WeakInALoop(whole, Pair{1, 1});
  }));
  EXPECT_EQ(half.load().right, 1);
  EXPECT_EQ(whole.load().right, 1);
}
CONCURRENT_TEST(Wrong, OneWeakExchangeOfABool) {
  EXPECT_TRUE(SucceedsAtOnce([] { return Weak(truth, true); }));
}
CONCURRENT_TEST(Wrong, OneWeakExchangeOfAShort) {
  EXPECT_TRUE(SucceedsAtOnce([] { return Weak<short>(number, 1); }));
}
CONCURRENT_TEST(Wrong, OneWeakExchangeOfAPointer) {
  EXPECT_TRUE(SucceedsAtOnce([] { return Weak(pointer, &value); }));
}
CONCURRENT_TEST(Wrong, OneWeakExchangeOfADouble) {
  EXPECT_TRUE(SucceedsAtOnce([] { return Weak(weight, 1.5); }));
}
CONCURRENT_TEST(Wrong, OneWeakExchangeOfAStruct) {
  EXPECT_TRUE(SucceedsAtOnce([] { return Weak(half, Half{1, 1}); }));
}
CONCURRENT_TEST(Wrong, OneWeakExchangeOfSixteenBytes) {
  EXPECT_TRUE(SucceedsAtOnce([] { return Weak(whole, Pair{1, 1}); }));
}
CONCURRENT_TEST(Wrong, OneWeakExchangeByReference) {
  EXPECT_TRUE(SucceedsAtOnce([] {
    int seen = 0;
    return std::atomic_ref<int>(value).compare_exchange_weak(seen, 3);
  }));
}
CONCURRENT_TEST(Wrong, OneWeakExchangeBuiltIn) {
  EXPECT_TRUE(SucceedsAtOnce([] {
    int seen = 0;
    return __atomic_compare_exchange_n(&value, &seen, 3, true, __ATOMIC_SEQ_CST,
                                       __ATOMIC_SEQ_CST);
  }));
}

// Sizes of which the machine has no atomics. An atomic's store is seen as a
// whole, and publishes what came before it.
template <size_t kSize>
struct Odd {
  unsigned char bytes[kSize] = {};
  bool operator==(const Odd&) const = default;
  bool Whole() const { return bytes[0] == bytes[kSize - 1]; }
};
template <size_t kSize>
Odd<kSize> OddOf(unsigned char byte) {
  Odd<kSize> odd;
  std::memset(odd.bytes, byte, kSize);
  return odd;
}
// Across a border of 16 bytes.
struct alignas(16) Shifted {
  int before = 0;
  std::atomic<Odd<3>> three;
  std::atomic<Odd<15>> fifteen;
};
Shifted odds;

template <size_t kSize>
void Publish(std::atomic<Odd<kSize>>& odd, std::memory_order order) {
  labkit::RunTogether(
      [&] {
        value = 7;
        odd.store(OddOf<kSize>(1), order);
      },
      [&] {
        const Odd<kSize> seen = odd.load(std::memory_order_acquire);
        EXPECT_TRUE(seen.Whole());
        if (seen.bytes[0] == 1) EXPECT_EQ(value, 7);
      });
  EXPECT_EQ(odd.exchange(OddOf<kSize>(2)), OddOf<kSize>(1));
}
CONCURRENT_TEST(Right, ThreeBytesPublish) {
  Publish(odds.three, std::memory_order_release);
}
CONCURRENT_TEST(Right, FifteenBytesPublish) {
  Publish(odds.fifteen, std::memory_order_release);
}
CONCURRENT_TEST(Wrong, ThreeBytesRelaxed) {
  Publish(odds.three, std::memory_order_relaxed);
}
CONCURRENT_TEST(Wrong, FifteenBytesRelaxed) {
  Publish(odds.fifteen, std::memory_order_relaxed);
}
CONCURRENT_TEST(Right, TwelveBytesAreCounted) {
  struct Tally {
    int total, north, south;
  };
  static std::atomic<Tally> tally{Tally{}};
  const auto add = [] {
    Tally seen = tally.load();
    Tally more;
    do {
      more = {seen.total + 1, seen.north, seen.south + 1};
    } while (!tally.compare_exchange_strong(seen, more));
  };
  labkit::RunTogether(add, add);
  EXPECT_EQ(tally.load().total, 2);
  EXPECT_EQ(tally.load().south, 2);
}
CONCURRENT_TEST(Wrong, TwelveBytesAreLoadedAndStored) {
  struct Tally {
    int total, north, south;
  };
  static std::atomic<Tally> tally{Tally{}};
  const auto add = [] {
    const Tally seen = tally.load();
    tally.store({seen.total + 1, seen.north, seen.south + 1});
  };
  labkit::RunTogether(add, add);
  EXPECT_EQ(tally.load().total, 2);
}

// The last one frees. What a release fence orders ends with the fence, but the
// others' exchanges behind it have been seen.
struct Held {
  std::atomic<int> holders{2};
  int left[2] = {};
};
void LetGo(Held* held, bool looks_back) {
  std::atomic_thread_fence(std::memory_order_release);
  if (held->holders.fetch_sub(1, std::memory_order_relaxed) != 1) return;
  if (looks_back) std::atomic_thread_fence(std::memory_order_acquire);
  delete held;
}
CONCURRENT_TEST(Right, FencesForTheLast) {
  auto* held = new Held;
  labkit::RunThreads(2, [held](int me) {
    held->left[me] = 1;
    LetGo(held, true);
  });
}
CONCURRENT_TEST(Wrong, FenceForAllButTheLast) {
  auto* held = new Held;
  labkit::RunThreads(2, [held](int me) {
    held->left[me] = 1;
    LetGo(held, false);
  });
}
CONCURRENT_TEST(Wrong, WritesBehindTheFence) {
  auto* held = new Held;
  labkit::RunThreads(2, [held](int me) {
    std::atomic_thread_fence(std::memory_order_release);
    held->left[me] = 1;
    if (held->holders.fetch_sub(1, std::memory_order_relaxed) != 1) return;
    std::atomic_thread_fence(std::memory_order_acquire);
    delete held;
  });
}

// What such a call reads and writes besides the object.
struct Wide {
  long words[3];
};
CONCURRENT_TEST(Wrong, ExpectedValueIsShared) {
  static std::atomic<Odd<3>> odd;
  Odd<3> expected = OddOf<3>(1);
  const auto exchange = [&] {
    odd.compare_exchange_strong(expected, OddOf<3>(2));
  };
  labkit::RunTogether(exchange, exchange);
}
// As C's interface allows.
CONCURRENT_TEST(Right, ExchangesInPlace) {
  struct Twelve {
    int left, middle, right;
  };
  Twelve object{1, 2, 3};
  Twelve mine{4, 5, 6};
  __atomic_exchange(&object, &mine, &mine, __ATOMIC_SEQ_CST);
  EXPECT_EQ(object.right, 6);
  EXPECT_EQ(mine.right, 3);
}
CONCURRENT_TEST(Right, AsksWhetherItLocks) {
  EXPECT_TRUE(whole.is_lock_free());
  static std::atomic<Odd<3>> odd;
  EXPECT_FALSE(odd.is_lock_free());
}
CONCURRENT_TEST(Unsupported, __atomic_load) {
  static std::atomic<Wide> wide;
  EXPECT_EQ(wide.load().words[2], 0);
}
