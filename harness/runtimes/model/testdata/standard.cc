// The standard library's threads, locks and waits beyond what the other files
// have, right and wrong.

#include <atomic>
#include <barrier>
#include <chrono>
#include <condition_variable>
#include <future>
#include <latch>
#include <memory>
#include <mutex>
#include <semaphore>
#include <shared_mutex>
#include <stdexcept>
#include <stop_token>
#include <thread>

#include "labkit/labkit.h"

using namespace std::chrono_literals;

namespace {

int value = 0;
std::mutex mutex;
std::atomic<bool> flag{false};
std::condition_variable changed;
std::condition_variable_any changed_any;
std::timed_mutex timed;
std::recursive_mutex again;
std::recursive_timed_mutex timed_again;
std::shared_mutex shared;
std::shared_timed_mutex timed_shared;
bool ready = false;

void AddLocked() {
  std::lock_guard lock(mutex);
  ++value;
}

void AddTimed() {
  std::lock_guard lock(timed);
  ++value;
}

}  // namespace

// Threads.

CONCURRENT_TEST(Right, JthreadJoinsItself) {
  {
    std::jthread thread([] { value = 7; });
  }
  EXPECT_EQ(value, 7);
}
CONCURRENT_TEST(Wrong, JthreadIsNotAwaited) {
  std::jthread thread([] { value = 7; });
  EXPECT_LE(value, 7);
}

CONCURRENT_TEST(Right, StopCallbackLocks) {
  std::stop_source source;
  std::stop_callback callback(source.get_token(), [] { AddLocked(); });
  labkit::RunTogether([&] { source.request_stop(); }, [] { AddLocked(); });
  EXPECT_EQ(value, 2);
}
CONCURRENT_TEST(Wrong, StopCallbackDoesNotLock) {
  std::stop_source source;
  std::stop_callback callback(source.get_token(), [] { ++value; });
  labkit::RunTogether([&] { source.request_stop(); }, [] { AddLocked(); });
}

// Futures.

CONCURRENT_TEST(Wrong, TaskIsNotAwaited) {
  std::packaged_task<void()> task([] { value = 7; });
  std::future<void> done = task.get_future();
  std::jthread runner(std::move(task));
  EXPECT_LE(value, 7);
  done.get();
}
CONCURRENT_TEST(Right, SharedFutureServesAll) {
  std::promise<int> promise;
  std::shared_future<int> future = promise.get_future().share();
  auto get = [future] { EXPECT_EQ(future.get(), 7); };
  labkit::RunTogether(get, get, [&] { promise.set_value(7); });
}
CONCURRENT_TEST(Wrong, SharedFuturesObjectIsChanged) {
  std::promise<std::shared_ptr<int>> promise;
  std::shared_future<std::shared_ptr<int>> future =
      promise.get_future().share();
  promise.set_value(std::make_shared<int>(7));
  auto add = [future] { ++*future.get(); };
  labkit::RunTogether(add, add);
}
CONCURRENT_TEST(Right, BrokenPromiseThrows) {
  std::future<int> future;
  {
    std::promise<int> promise;
    future = promise.get_future();
  }
  EXPECT_THROW(future.get(), std::future_error);
}
CONCURRENT_TEST(Wrong, FutureIsNotReadyInTime) {
  std::future<int> future = std::async(std::launch::async, [] { return 7; });
  EXPECT_EQ(future.wait_for(1s), std::future_status::ready);
}

// Mutexes.

CONCURRENT_TEST(Wrong, RecursiveIsLeftLocked) {
  labkit::RunTogether(
      [] {
        again.lock();
        again.lock();
        again.unlock();
      },
      [] { std::lock_guard lock(again); });
}
CONCURRENT_TEST(Right, TimedRecursiveGivesUpOrGetsIt) {
  auto add = [] {
    std::unique_lock lock(timed_again, 1ms);
    if (!lock) return;
    std::unique_lock inner(timed_again, 1ms);
    EXPECT_TRUE(inner.owns_lock());
    ++value;
  };
  labkit::RunTogether(add, add);
  EXPECT_GE(value, 1);
}
CONCURRENT_TEST(Wrong, TimedRecursiveIsTakenToGetIt) {
  auto add = [] {
    std::unique_lock lock(timed_again, 1ms);
    ++value;
  };
  labkit::RunTogether(add, add);
}
CONCURRENT_TEST(Wrong, TimedIsTakenToGetIt) {
  auto add = [] {
    const bool locked = timed.try_lock_for(1ms);
    ++value;
    if (locked) timed.unlock();
  };
  labkit::RunTogether(add, add);
}
CONCURRENT_TEST(Right, TimedSharedGivesUpOrGetsIt) {
  labkit::RunTogether(
      [] {
        std::shared_lock lock(timed_shared, 1ms);
        if (lock) EXPECT_LE(value, 1);
      },
      [] {
        std::unique_lock lock(timed_shared, 1ms);
        if (lock) ++value;
      });
}
// Free again, but taken by another first: time goes on for who waits.
CONCURRENT_TEST(Right, TimedGivesUpThoughItWasFree) {
  std::counting_semaphore<> done{0};
  labkit::RunTogether([] { AddTimed(); },
                      [&] {
                        std::lock_guard lock(timed);
                        done.acquire();
                      },
                      [&] {
                        if (timed.try_lock_for(1ms)) timed.unlock();
                        done.release();
                      });
}
CONCURRENT_TEST(Right, TimedSharedGivesUpThoughItWasFree) {
  std::counting_semaphore<> done{0};
  labkit::RunTogether([] { std::lock_guard lock(timed_shared); },
                      [&] {
                        std::lock_guard lock(timed_shared);
                        done.acquire();
                      },
                      [&] {
                        std::shared_lock lock(timed_shared, 1ms);
                        if (lock) lock.unlock();
                        done.release();
                      });
}
CONCURRENT_TEST(Right, TwoTimedAcquiresForOnePermit) {
  std::counting_semaphore<> permits{0};
  std::atomic<int> got{0};
  auto acquire = [&] { got += permits.try_acquire_for(1s) ? 1 : 0; };
  labkit::RunTogether([&] { permits.release(); }, acquire, acquire);
  EXPECT_LE(got.load(), 1);
}
CONCURRENT_TEST(Wrong, OfTwoTimedAcquiresOneIsTakenToSucceed) {
  std::counting_semaphore<> permits{0};
  std::atomic<int> got{0};
  auto acquire = [&] { got += permits.try_acquire_for(1s) ? 1 : 0; };
  labkit::RunTogether([&] { permits.release(); }, acquire, acquire);
  EXPECT_EQ(got.load(), 1);
}
CONCURRENT_TEST(Wrong, TimedSharedIsTakenToGetIt) {
  labkit::RunTogether(
      [] {
        std::shared_lock lock(timed_shared, 1ms);
        EXPECT_LE(value, 1);
      },
      [] {
        std::unique_lock lock(timed_shared, 1ms);
        if (lock) ++value;
      });
}
CONCURRENT_TEST(Wrong, UniqueLockIsReleasedTooSoon) {
  auto add = [] {
    std::unique_lock lock(mutex);
    const int seen = value;
    lock.unlock();
    value = seen + 1;
  };
  labkit::RunTogether(add, add);
}

// Condition variables.

CONCURRENT_TEST(Right, AnyWaitsWithASharedLock) {
  labkit::RunTogether(
      [] {
        std::shared_lock lock(shared);
        changed_any.wait(lock, [] { return ready; });
      },
      [] {
        std::unique_lock lock(shared);
        ready = true;
        changed_any.notify_all();
      });
}
CONCURRENT_TEST(Wrong, AnyIsToldWithoutTheLock) {
  labkit::RunTogether(
      [] {
        std::shared_lock lock(shared);
        changed_any.wait(lock, [] { return ready; });
      },
      [] {
        std::shared_lock lock(shared);
        ready = true;
        changed_any.notify_all();
      },
      [] {
        std::shared_lock lock(shared);
        EXPECT_FALSE(ready && value != 0);
      });
}
CONCURRENT_TEST(Right, ConditionOutlivesItsWaiter) {
  struct Event {
    std::mutex mutex;
    std::condition_variable changed;
    bool ready = false;
  };
  auto event = std::make_shared<Event>();
  std::thread([event] {
    std::lock_guard lock(event->mutex);
    event->ready = true;
    event->changed.notify_all();
  }).detach();
  std::unique_lock lock(event->mutex);
  event->changed.wait(lock, [&] { return event->ready; });
}
CONCURRENT_TEST(Wrong, ConditionIsGoneBeforeItIsTold) {
  struct Event {
    std::mutex mutex;
    std::condition_variable changed;
    bool ready = false;
  };
  auto event = std::make_unique<Event>();
  std::thread teller([raw = event.get()] {
    {
      std::lock_guard lock(raw->mutex);
      raw->ready = true;
    }
    raw->changed.notify_all();
  });
  {
    std::unique_lock lock(event->mutex);
    event->changed.wait(lock, [&] { return event->ready; });
  }
  event.reset();
  teller.join();
}

// Semaphores, latches, barriers.

CONCURRENT_TEST(Wrong, TimedAcquireIsTakenToSucceed) {
  static std::binary_semaphore door(0);
  labkit::RunTogether(
      [] {
        value = 7;
        door.release();
      },
      [] {
        door.try_acquire_for(1s);
        EXPECT_EQ(value, 7);
      });
}
CONCURRENT_TEST(Right, LatchArrivesAndWaits) {
  std::latch all(2);
  int left = 0;
  int right = 0;
  labkit::RunTogether(
      [&] {
        left = 1;
        all.arrive_and_wait();
        EXPECT_EQ(right, 1);
      },
      [&] {
        right = 1;
        all.arrive_and_wait();
        EXPECT_EQ(left, 1);
      });
}
CONCURRENT_TEST(Wrong, LatchIsCountedDownTooSoon) {
  std::latch all(1);
  labkit::RunTogether(
      [&] {
        all.count_down();
        value = 7;
      },
      [&] {
        all.wait();
        EXPECT_EQ(value, 7);
      });
}
CONCURRENT_TEST(Right, BarriersCompletionRunsAlone) {
  auto done = []() noexcept { value *= 2; };
  std::barrier phase(2, done);
  std::atomic<int> sum{0};
  auto work = [&] {
    sum.fetch_add(1);
    phase.arrive_and_wait();
    EXPECT_EQ(value, 2);
  };
  value = 1;
  labkit::RunTogether(work, work);
}
CONCURRENT_TEST(Wrong, BarrierIsNotAwaited) {
  std::barrier phase(2);
  int left = 0;
  labkit::RunTogether(
      [&] {
        left = 1;
        phase.arrive_and_wait();
      },
      [&] {
        (void)phase.arrive();
        EXPECT_LE(left, 1);
      });
}

// Once, and for every thread.

CONCURRENT_TEST(Wrong, TwoFlagsForOneValue) {
  static std::once_flag left;
  static std::once_flag right;
  labkit::RunTogether([] { std::call_once(left, [] { ++value; }); },
                      [] { std::call_once(right, [] { ++value; }); });
}
CONCURRENT_TEST(Wrong, StaticIsChangedByAll) {
  auto use = [] {
    static int count = value;
    ++count;
  };
  labkit::RunTogether(use, use);
}
CONCURRENT_TEST(Right, ThreadLocalsDestructorLocks) {
  struct Local {
    ~Local() { AddLocked(); }
    int count = 0;
  };
  auto use = [] {
    thread_local Local local;
    ++local.count;
  };
  labkit::RunTogether(use, use);
  EXPECT_EQ(value, 2);
}
CONCURRENT_TEST(Wrong, ThreadLocalsDestructorDoesNotLock) {
  struct Local {
    ~Local() { ++value; }
    int count = 0;
  };
  auto use = [] {
    thread_local Local local;
    ++local.count;
  };
  labkit::RunTogether(use, use);
}

// Exceptions.

CONCURRENT_TEST(Right, ExceptionGivesTheLockBack) {
  auto work = [] {
    try {
      std::lock_guard lock(mutex);
      ++value;
      throw std::runtime_error("on my way");
    } catch (const std::runtime_error&) {
      AddLocked();
    }
  };
  labkit::RunTogether(work, work);
  EXPECT_EQ(value, 4);
}
CONCURRENT_TEST(Wrong, ExceptionKeepsTheLock) {
  auto work = [](bool fail) {
    return [fail] {
      try {
        mutex.lock();
        if (fail) throw std::runtime_error("on my way");
        mutex.unlock();
      } catch (const std::runtime_error&) {
      }
    };
  };
  labkit::RunTogether(work(true), work(false));
}

// Time.

CONCURRENT_TEST(Right, SleepOrdersNothing) {
  labkit::RunTogether(
      [] {
        std::this_thread::sleep_for(1s);
        AddLocked();
      },
      [] {
        std::this_thread::sleep_until(std::chrono::steady_clock::now() + 1h);
        AddLocked();
      });
  EXPECT_EQ(value, 2);
}
CONCURRENT_TEST(Wrong, SleepIsTakenForOrder) {
  labkit::RunTogether([] { value = 7; },
                      [] {
                        std::this_thread::sleep_for(1h);
                        EXPECT_LE(value, 7);
                      });
}
CONCURRENT_TEST(Wrong, SleepIsTakenForLongEnough) {
  labkit::RunTogether([] { flag.store(true); },
                      [] {
                        std::this_thread::sleep_for(1h);
                        EXPECT_TRUE(flag.load());
                      });
}
CONCURRENT_TEST(Wrong, ClockIsTakenToStandStill) {
  const auto start = std::chrono::steady_clock::now();
  labkit::RunTogether(
      [] {
        std::this_thread::sleep_for(1h);
        flag.store(true);
      },
      [&] {
        if (!flag.load()) return;
        EXPECT_LT(std::chrono::steady_clock::now() - start, 1min);
      });
}
CONCURRENT_TEST(Right, ClockGoesOn) {
  const auto start = std::chrono::steady_clock::now();
  std::this_thread::sleep_for(1h);
  EXPECT_GE(std::chrono::steady_clock::now() - start, 1h);
  while (std::chrono::steady_clock::now() - start < 2h) {
  }
}
