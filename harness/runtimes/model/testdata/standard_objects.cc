// The standard library's atomics, counting pointers, containers and strings,
// right and wrong.

#include <atomic>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "labkit/labkit.h"

namespace {

int value = 0;
std::mutex mutex;
std::atomic<bool> flag{false};

}  // namespace

// Atomics of every size (16 bytes: breadth.cc), read and changed as one.

#define OF_SIZE(Type, Name)                                              \
  CONCURRENT_TEST(Right, Name##IsChangedAtOnce) {                        \
    static std::atomic<Type> count{0};                                   \
    auto add = [] { count.fetch_add(1); };                               \
    labkit::RunTogether(add, add);                                       \
    EXPECT_EQ(count.load(), 2);                                          \
  }                                                                      \
  CONCURRENT_TEST(Wrong, Name##IsReadAndThenChanged) {                   \
    static std::atomic<Type> count{0};                                   \
    auto add = [] { count.store(static_cast<Type>(count.load() + 1)); }; \
    labkit::RunTogether(add, add);                                       \
    EXPECT_EQ(count.load(), 2);                                          \
  }
OF_SIZE(int8_t, OneByte)
OF_SIZE(int16_t, TwoBytes)
OF_SIZE(int32_t, FourBytes)
OF_SIZE(int64_t, EightBytes)
#undef OF_SIZE

#ifndef __clang__  // means libtsan, which this module never meets
#pragma GCC diagnostic ignored "-Wtsan"
#endif
CONCURRENT_TEST(Right, FencesPublish) {
  labkit::RunTogether(
      [] {
        value = 7;
        std::atomic_thread_fence(std::memory_order_release);
        flag.store(true, std::memory_order_relaxed);
      },
      [] {
        if (!flag.load(std::memory_order_relaxed)) return;
        std::atomic_thread_fence(std::memory_order_acquire);
        EXPECT_EQ(value, 7);
      });
}
CONCURRENT_TEST(Wrong, FenceOnOneSide) {
  labkit::RunTogether(
      [] {
        value = 7;
        std::atomic_thread_fence(std::memory_order_release);
        flag.store(true, std::memory_order_relaxed);
      },
      [] {
        if (flag.load(std::memory_order_relaxed)) EXPECT_EQ(value, 7);
      });
}

// Pointers that count.

CONCURRENT_TEST(Wrong, WeakPointersObjectIsKeptByNobody) {
  std::shared_ptr<int> owner(new int(7));
  std::weak_ptr<int> weak = owner;
  labkit::RunTogether([&] { owner.reset(); },
                      [&] {
                        const int* raw = weak.lock().get();
                        if (raw != nullptr) EXPECT_EQ(*raw, 7);
                      });
}
CONCURRENT_TEST(Right, AtomicSharedPointerIsReplaced) {
  std::atomic<std::shared_ptr<const int>> current{std::make_shared<int>(1)};
  auto add = [&] {
    auto seen = current.load();
    while (!current.compare_exchange_weak(seen,
                                          std::make_shared<int>(*seen + 1))) {
    }
  };
  labkit::RunTogether(add, add);
  EXPECT_EQ(*current.load(), 3);
}
CONCURRENT_TEST(Wrong, AtomicSharedPointersObjectIsChanged) {
  std::atomic<std::shared_ptr<int>> current{std::make_shared<int>(1)};
  auto add = [&] { ++*current.load(); };
  labkit::RunTogether(add, add);
}

// Containers and strings.

CONCURRENT_TEST(Right, ContainersUnderALock) {
  std::vector<int> numbers;
  std::deque<int> line;
  std::map<int, std::string> names;
  std::string text;
  auto add = [&](int i) {
    return [&, i] {
      std::lock_guard lock(mutex);
      numbers.push_back(i);
      line.push_front(i);
      names[i] = "a name that is longer than sixteen characters";
      text += "a text that is longer than sixteen characters";
    };
  };
  labkit::RunTogether(add(1), add(2));
  EXPECT_EQ(numbers.size() + line.size() + names.size(), 6u);
}
CONCURRENT_TEST(Wrong, VectorGrowsWithoutALock) {
  std::vector<int> numbers;
  auto add = [&] { numbers.push_back(1); };
  labkit::RunTogether(add, add);
}
CONCURRENT_TEST(Wrong, DequeGrowsWithoutALock) {
  std::deque<int> line;
  labkit::RunTogether([&] { line.push_back(1); }, [&] { line.push_front(2); });
}
CONCURRENT_TEST(Wrong, DequeIsEmptiedWhileItsSizeIsRead) {
  std::deque<int> line = {1, 2};
  labkit::RunTogether(
      [&] {
        std::lock_guard lock(mutex);
        line.pop_front();
      },
      [&] { EXPECT_LE(line.size(), 2u); });
}
// What libstdc++.so does with their nodes.
std::map<int, int> stock = {{10, 1}, {20, 1}, {30, 1}, {40, 1}};
void StoreLocked(int key) {
  std::lock_guard lock(mutex);
  stock[key] = 1;
}
CONCURRENT_TEST(Wrong, MapIsSearchedWhileItGrows) {
  labkit::RunTogether([] { StoreLocked(50); },
                      [] { EXPECT_EQ(stock.count(5), 0u); },
                      [] { EXPECT_EQ(stock.find(60), stock.end()); });
}
CONCURRENT_TEST(Right, MapIsSearchedWhileItGrowsLocked) {
  labkit::RunTogether([] { StoreLocked(50); },
                      [] {
                        std::lock_guard lock(mutex);
                        EXPECT_EQ(stock.count(5), 0u);
                      });
}
CONCURRENT_TEST(Wrong, MapIsWalkedWhileItShrinks) {
  labkit::RunTogether(
      [] {
        std::lock_guard lock(mutex);
        stock.erase(10);
      },
      [] {
        for (auto last = stock.rbegin(); last != stock.rend(); ++last) {
          EXPECT_LE(last->second, 1);
        }
      });
}
CONCURRENT_TEST(Right, MapIsWalkedByTwo) {
  const auto walk = [] {
    int sum = 0;
    for (const auto& [key, count] : stock) sum += count;
    EXPECT_EQ(sum, 4);
  };
  labkit::RunTogether(walk, walk);
}
std::list<int> queue = {1, 2};
CONCURRENT_TEST(Wrong, ListIsWalkedWhileItGrows) {
  labkit::RunTogether(
      [] {
        std::lock_guard lock(mutex);
        queue.push_back(3);
      },
      [] {
        for (const int item : queue) EXPECT_LE(item, 3);
      });
}
CONCURRENT_TEST(Wrong, ListIsWalkedWhileItIsTurnedRound) {
  labkit::RunTogether(
      [] {
        std::lock_guard lock(mutex);
        queue.reverse();
      },
      [] { EXPECT_LE(queue.front(), 2); });
}
CONCURRENT_TEST(Right, ListsChangeUnderALock) {
  auto work = [](int item) {
    return [item] {
      std::lock_guard lock(mutex);
      queue.push_front(item);
      queue.splice(queue.end(), queue, queue.begin());
      queue.reverse();
      queue.erase(queue.begin());
    };
  };
  labkit::RunTogether(work(3), work(4));
  EXPECT_EQ(queue.size(), 2u);
}
CONCURRENT_TEST(Wrong, MapGrowsWithoutALock) {
  std::map<int, int> numbers;
  labkit::RunTogether([&] { numbers[1] = 1; }, [&] { numbers[2] = 2; });
}
CONCURRENT_TEST(Wrong, StringGrowsWithoutALock) {
  std::string text;
  auto add = [&] { text += "a text that is longer than sixteen characters"; };
  labkit::RunTogether(add, add);
}
CONCURRENT_TEST(Wrong, ShortStringGrowsWithoutALock) {
  std::string text;
  auto add = [&] { text += 'a'; };
  labkit::RunTogether(add, add);
}
// The writes are deep in the library, in functions that a runner has as well.
CONCURRENT_TEST(Wrong, VectorGrowsWhileItsSizeIsRead) {
  std::vector<int> numbers(4);
  numbers.shrink_to_fit();
  const int number = 1;
  labkit::RunTogether([&] { numbers.push_back(number); },
                      [&] { EXPECT_LE(numbers.size(), 5u); });
}
CONCURRENT_TEST(Right, VectorGrowsWhileItsSizeIsReadLocked) {
  std::vector<int> numbers(4);
  numbers.shrink_to_fit();
  const int number = 1;
  labkit::RunTogether(
      [&] {
        std::lock_guard lock(mutex);
        numbers.push_back(number);
      },
      [&] {
        std::lock_guard lock(mutex);
        EXPECT_LE(numbers.size(), 5u);
      });
}
CONCURRENT_TEST(Wrong, StringGrowsWhileItIsRead) {
  std::string text = "a text of twenty-one.";
  text.shrink_to_fit();
  labkit::RunTogether([&] { text.append(100, 'a'); },
                      [&] { EXPECT_EQ(text[0], 'a'); });
}
CONCURRENT_TEST(Right, StringGrowsWhileItIsReadLocked) {
  std::string text = "a text of twenty-one.";
  text.shrink_to_fit();
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
