// Atomics that the processor has no instruction for: what they order, and what
// they do not.
#include <atomic>
#include <thread>

#include "labkit/labkit.h"

#ifdef __clang__  // what these are is slow
#pragma clang diagnostic ignored "-Watomic-alignment"
#endif

namespace {

struct Twelve {
  int version = 0;
  int left = 0;
  int right = 0;
};
struct Five {
  char letters[5] = {};
};
struct Sixteen {
  long left = 0;
  long right = 0;
};
struct Forty {
  long numbers[5] = {};
};

constexpr auto kRelaxed = std::memory_order_relaxed;

// One thread writes and tells, the other is told and reads.
template <typename Tell, typename IsTold>
void Publish(Tell tell, IsTold is_told) {
  // Apart: libtsan remembers few accesses to the same eight bytes.
  alignas(64) std::atomic<Twelve> flag{Twelve{}};
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

void TellByExchange(std::atomic<Twelve>& flag) { flag.exchange({1, 1, 1}); }
bool IsToldByExchange(std::atomic<Twelve>& flag) {
  Twelve expected{1, 1, 1};
  return flag.compare_exchange_strong(expected, {2, 2, 2});
}
void TellRelaxed(std::atomic<Twelve>& flag) { flag.store({1, 1, 1}, kRelaxed); }
bool IsToldRelaxed(std::atomic<Twelve>& flag) {
  return flag.load(kRelaxed).version != 0;
}

// Counts by `change`, which gets the value and changes it.
template <typename Struct, typename Change>
Struct Counted(Change change) {
  std::atomic<Struct> shared{Struct{}};
  labkit::RunThreads(3, [&](int) {
    for (int i = 0; i < 50; ++i) {
      Struct seen = shared.load();
      for (;;) {
        Struct next = seen;
        change(next);
        if (shared.compare_exchange_weak(seen, next)) break;
      }
    }
  });
  return shared.load();
}

}  // namespace

CONCURRENT_TEST(Right, StoreAndLoad) {
  Publish(
      [](std::atomic<Twelve>& flag) {
        flag.store({1, 2, 3}, std::memory_order_release);
      },
      [](std::atomic<Twelve>& flag) {
        return flag.load(std::memory_order_acquire).version != 0;
      });
}

CONCURRENT_TEST(Right, Exchanges) { Publish(TellByExchange, IsToldByExchange); }

CONCURRENT_TEST(Right, OfManySizes) {
  EXPECT_EQ(Counted<Twelve>([](Twelve& value) {
              EXPECT_EQ(value.left, -value.right);
              ++value.version;
              ++value.left;
              --value.right;
            }).version,
            150);
  EXPECT_EQ(Counted<Five>([](Five& value) {
              EXPECT_EQ(value.letters[0], value.letters[4]);
              ++value.letters[0];
              ++value.letters[4];
            }).letters[4],
            static_cast<char>(150));
  EXPECT_EQ(Counted<Sixteen>([](Sixteen& value) {
              EXPECT_EQ(value.left, value.right);
              ++value.left;
              ++value.right;
            }).right,
            150);
  EXPECT_EQ(Counted<Forty>([](Forty& value) {
              EXPECT_EQ(value.numbers[0], value.numbers[4]);
              ++value.numbers[0];
              ++value.numbers[4];
            }).numbers[4],
            150);
}

CONCURRENT_TEST(Right, AReference) {
  Twelve value;
  auto add = [&] {
    const std::atomic_ref<Twelve> shared(value);
    Twelve seen = shared.load();
    for (;;) {
      Twelve next = seen;
      ++next.version;
      if (shared.compare_exchange_strong(seen, next)) break;
    }
  };
  labkit::RunTogether(add, add);
  EXPECT_EQ(value.version, 2);
}

CONCURRENT_TEST(Right, Waits) {
  std::atomic<Twelve> flag{Twelve{}};
  int value = 0;
  labkit::RunTogether(
      [&] {
        value = 7;
        flag.store({1, 0, 0});
        flag.notify_all();
      },
      [&] {
        flag.wait(Twelve{});
        EXPECT_EQ(value, 7);
      });
}

// As C's interface allows.
CONCURRENT_TEST(Right, ExchangesInPlace) {
  Twelve object{1, 2, 3};
  Twelve value{4, 5, 6};
  __atomic_exchange(&object, &value, &value, __ATOMIC_SEQ_CST);
  EXPECT_EQ(object.right, 6);
  EXPECT_EQ(value.right, 3);
}

CONCURRENT_TEST(Right, OneInPlaceOfAnother) {
  labkit::RunThreads(3, [](int i) {
    for (int round = 0; round < 20; ++round) {
      std::atomic<Twelve> own{Twelve{}};
      own.store({i, i, i});
      Twelve copy = own.exchange({});
      EXPECT_EQ(copy.right, i);
    }
  });
}

CONCURRENT_TEST(Right, StoreBuffers) {
  std::atomic<Twelve> large{Twelve{}};
  std::atomic<int> small{0};
  int first = 0, second = 0;
  labkit::RunTogether(
      [&] {
        large.store({1, 1, 1});
        first = small.load();
      },
      [&] {
        small.store(1);
        second = large.load().version;
      });
  EXPECT_GE(first + second, 1);
}

CONCURRENT_TEST(Wrong, RelaxedStore) {
  Publish(TellRelaxed,
          [](std::atomic<Twelve>& flag) { return flag.load().version != 0; });
}

CONCURRENT_TEST(Wrong, RelaxedLoad) { Publish(TellByExchange, IsToldRelaxed); }

CONCURRENT_TEST(Wrong, IsReadAsIfItWereNoAtomic) {
  Twelve value;
  labkit::RunTogether([&] { std::atomic_ref<Twelve>(value).store({1, 1, 1}); },
                      [&] { EXPECT_LE(value.right, 1); });
}

CONCURRENT_TEST(Wrong, SharesWhatItExpects) {
  std::atomic<Twelve> shared{Twelve{1, 1, 1}};
  Twelve expected;
  auto attempt = [&] { shared.compare_exchange_strong(expected, {}); };
  labkit::RunTogether(attempt, attempt);
}
