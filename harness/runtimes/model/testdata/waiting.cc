// Condition variables, semaphores, latches, barriers, futures and atomic waits:
// each right and wrong.

#include <pthread.h>
#include <semaphore.h>

#include <atomic>
#include <barrier>
#include <chrono>
#include <condition_variable>
#include <future>
#include <latch>
#include <mutex>
#include <semaphore>
#include <stop_token>
#include <thread>

#include "labkit/labkit.h"

using namespace std::chrono_literals;

namespace {

std::mutex mutex;
std::condition_variable changed;
std::condition_variable_any changed_any;
bool ready = false;
int value = 0;
std::counting_semaphore<4> permits(0);
std::counting_semaphore<2> door(1);
std::atomic<int> word{0};
std::atomic<bool> flag{false};

}  // namespace

CONCURRENT_TEST(Condition, WaitInALoopIsRight) {
  labkit::RunTogether(
      [] {
        std::unique_lock lock(mutex);
        while (!ready) changed.wait(lock);
        EXPECT_EQ(value, 7);
      },
      [] {
        std::lock_guard lock(mutex);
        value = 7;
        ready = true;
        changed.notify_one();
      });
}

CONCURRENT_TEST(Condition, WaitWithIfWakesSpuriously) {
  labkit::RunTogether(
      [] {
        std::unique_lock lock(mutex);
        if (!ready) changed.wait(lock);
        EXPECT_EQ(value, 7);
      },
      [] {
        std::lock_guard lock(mutex);
        value = 7;
        ready = true;
        changed.notify_one();
      });
}

// All ways in which a consumer gets its two values from a producer.
CONCURRENT_TEST(Condition, EveryWakeUpIsTried) {
  labkit::RunTogether(
      [] {
        for (int i = 0; i < 2; ++i) {
          std::unique_lock lock(mutex);
          int waits = 0;
          int in_vain = 0;
          while (value == 0) {
            changed.wait(lock);
            ++waits;
            if (value == 0) ++in_vain;
          }
          --value;
          if (waits == 0) REACHED("no wait");
          if (waits == 1 && i == 0) REACHED("one wait");
          if (waits == 1 && i == 1) REACHED("one wait for the second");
          if (waits == 2 && i == 0) REACHED("two waits");
          if (waits == 2 && i == 1) REACHED("two waits for the second");
          if (in_vain == 1) REACHED("woken for nothing");
          if (waits == 1 && value == 1) REACHED("both are there");
        }
      },
      [] {
        for (int i = 0; i < 2; ++i) {
          {
            std::lock_guard lock(mutex);
            ++value;
          }
          changed.notify_one();
        }
      });
  EXPECT_REACHABLE("no wait");
  EXPECT_REACHABLE("one wait");
  EXPECT_REACHABLE("one wait for the second");
  EXPECT_REACHABLE("two waits");
  EXPECT_REACHABLE("two waits for the second");
  EXPECT_REACHABLE("woken for nothing");
  EXPECT_REACHABLE("both are there");
  EXPECT_EQ(value, 0);
}

CONCURRENT_TEST(Condition, NotifyWithoutStateIsMissed) {
  labkit::RunTogether(
      [] {
        std::unique_lock lock(mutex);
        changed.wait(lock);
      },
      [] { changed.notify_one(); });
}

CONCURRENT_TEST(Condition, TimedWaitReturnsEitherWay) {
  labkit::RunTogether(
      [] {
        std::unique_lock lock(mutex);
        const bool in_time = changed.wait_for(lock, 10ms, [] { return ready; });
        EXPECT_EQ(in_time, ready);
        if (!in_time) REACHED("timed out");
        if (in_time) REACHED("in time");
      },
      [] {
        std::lock_guard lock(mutex);
        ready = true;
        changed.notify_one();
      });
  EXPECT_REACHABLE("timed out");
  EXPECT_REACHABLE("in time");
}

CONCURRENT_TEST(Condition, TimeoutIsMistakenForTheEvent) {
  labkit::RunTogether(
      [] {
        std::unique_lock lock(mutex);
        changed.wait_for(lock, 10ms);
        EXPECT_TRUE(ready);
      },
      [] {
        std::lock_guard lock(mutex);
        ready = true;
        changed.notify_one();
      });
}

CONCURRENT_TEST(Condition, AnyWithStopTokenIsRight) {
  std::jthread waiter([](std::stop_token stop) {
    std::unique_lock lock(mutex);
    const bool got = changed_any.wait(lock, stop, [] { return ready; });
    EXPECT_EQ(got, ready);
  });
  waiter.request_stop();
}

CONCURRENT_TEST(Condition, WaitingWithoutTheLockIsMisuse) {
  std::unique_lock lock(mutex);
  lock.unlock();
  pthread_cond_wait(changed.native_handle(), mutex.native_handle());
}

CONCURRENT_TEST(Semaphore, PostPublishes) {
  labkit::RunTogether(
      [] {
        value = 7;
        permits.release();
      },
      [] {
        permits.acquire();
        EXPECT_EQ(value, 7);
      });
}

CONCURRENT_TEST(Semaphore, TwoPermitsAdmitTwo) {
  door.release();
  auto enter = [] {
    door.acquire();
    ++value;
    door.release();
  };
  labkit::RunTogether(enter, enter);
}

CONCURRENT_TEST(Semaphore, OnePermitAdmitsOne) {
  auto enter = [] {
    door.acquire();
    ++value;
    door.release();
  };
  labkit::RunTogether(enter, enter);
  EXPECT_EQ(value, 2);
}

// Who asks again and again lets the other one in between, some time.
CONCURRENT_TEST(Semaphore, GuardsWhatIsAskedAgainAndAgain) {
  labkit::RunTogether(
      [] {
        for (bool seen = false; !seen;) {
          door.acquire();
          seen = value == 7;
          door.release();
          std::this_thread::yield();
        }
      },
      [] {
        door.acquire();
        value = 7;
        door.release();
      });
}

CONCURRENT_TEST(Semaphore, NobodyPosts) {
  labkit::RunTogether([] { permits.acquire(); });
}

CONCURRENT_TEST(Semaphore, TryAcquireForEndsInTime) {
  labkit::RunTogether(
      [] {
        if (permits.try_acquire_for(5ms)) {
          EXPECT_EQ(value, 7);
        }
      },
      [] {
        value = 7;
        permits.release();
      });
}

CONCURRENT_TEST(Semaphore, PosixIsTheSame) {
  sem_t semaphore;
  sem_init(&semaphore, 0, 0);
  labkit::RunTogether(
      [&] {
        value = 7;
        sem_post(&semaphore);
      },
      [&] {
        while (sem_wait(&semaphore) != 0) {
        }
        EXPECT_EQ(value, 7);
      });
  sem_destroy(&semaphore);
}

CONCURRENT_TEST(Latch, CountedDownByAll) {
  std::latch done(2);
  int first = 0;
  int second = 0;
  std::jthread a([&] {
    first = 1;
    done.count_down();
  });
  std::jthread b([&] {
    second = 1;
    done.count_down();
  });
  done.wait();
  EXPECT_EQ(first + second, 2);
}

CONCURRENT_TEST(Latch, CountedTooLow) {
  std::latch done(1);
  int first = 0;
  int second = 0;
  std::jthread a([&] {
    first = 1;
    done.count_down();
  });
  std::jthread b([&] { second = 1; });
  done.wait();
  EXPECT_EQ(first + second, 2);
}

CONCURRENT_TEST(Barrier, PhasesDoNotMix) {
  std::barrier phase(2);
  int left[2] = {0, 0};
  int right[2] = {0, 0};
  labkit::RunTogether(
      [&] {
        left[0] = 1;
        phase.arrive_and_wait();
        left[1] = right[0];
      },
      [&] {
        right[0] = 1;
        phase.arrive_and_wait();
        right[1] = left[0];
      });
  EXPECT_EQ(left[1] + right[1], 2);
}

CONCURRENT_TEST(Barrier, PosixPhasesDoNotMix) {
  pthread_barrier_t phase;
  pthread_barrier_init(&phase, nullptr, 2);
  int left = 0;
  int right = 0;
  int sum[2] = {0, 0};
  labkit::RunTogether(
      [&] {
        left = 1;
        pthread_barrier_wait(&phase);
        sum[0] = left + right;
      },
      [&] {
        right = 1;
        pthread_barrier_wait(&phase);
        sum[1] = left + right;
      });
  pthread_barrier_destroy(&phase);
  EXPECT_EQ(sum[0] + sum[1], 4);
}

CONCURRENT_TEST(Barrier, OneIsMissing) {
  std::barrier phase(3);
  auto arrive = [&] { phase.arrive_and_wait(); };
  labkit::RunTogether(arrive, arrive);
}

CONCURRENT_TEST(Future, PromiseKept) {
  std::promise<int> promise;
  std::future<int> future = promise.get_future();
  std::jthread giver([&] { promise.set_value(7); });
  EXPECT_EQ(future.get(), 7);
}

CONCURRENT_TEST(Future, AsyncAndPackagedTask) {
  std::future<int> first = std::async(std::launch::async, [] { return 3; });
  std::packaged_task<int()> task([] { return 4; });
  std::future<int> second = task.get_future();
  std::jthread runner(std::move(task));
  EXPECT_EQ(first.get() + second.get(), 7);
}

CONCURRENT_TEST(Future, ExceptionsTravel) {
  std::future<int> future = std::async(
      std::launch::async, []() -> int { throw std::runtime_error("no"); });
  EXPECT_THROW(future.get(), std::runtime_error);
}

CONCURRENT_TEST(Future, PromiseNeverKept) {
  static std::promise<int> promise;
  promise.get_future().wait();
}

CONCURRENT_TEST(AtomicWait, NotifiedAfterTheStore) {
  labkit::RunTogether(
      [] {
        word.wait(0);
        EXPECT_EQ(value, 7);
      },
      [] {
        value = 7;
        word.store(1);
        word.notify_one();
      });
}

CONCURRENT_TEST(AtomicWait, NeverNotified) {
  labkit::RunTogether([] { word.wait(0); }, [] { word.store(1); });
}

// Looking a few times before it sleeps, the waiter lets nobody else go first.
CONCURRENT_TEST(AtomicWait, SleepsBeforeTheStore) {
  std::thread waiter([] { word.wait(0); });
  word.store(1);
  waiter.join();
}

CONCURRENT_TEST(AtomicWait, NotifiesOneOfTwo) {
  std::thread first([] { word.wait(0); });
  std::thread second([] { word.wait(0); });
  word.store(1);
  word.notify_one();
  first.join();
  second.join();
}

CONCURRENT_TEST(AtomicWait, BoolNotifiedAfterTheStore) {
  labkit::RunTogether([] { flag.wait(false); },
                      [] {
                        flag.store(true);
                        flag.notify_all();
                      });
}

// libstdc++ wakes both, which nobody has promised.
CONCURRENT_TEST(AtomicWait, BoolNotifiesOneOfTwo) {
  labkit::RunTogether([] { flag.wait(false); }, [] { flag.wait(false); },
                      [] {
                        flag.store(true);
                        flag.notify_one();
                      });
}

CONCURRENT_TEST(AtomicWait, BoolNotifiesOneAfterTheOther) {
  labkit::RunTogether([] { flag.wait(false); }, [] { flag.wait(false); },
                      [] {
                        flag.store(true);
                        flag.notify_one();
                        flag.notify_one();
                      });
}

// Neighbours, whose waiters libstdc++ keeps at one place.
CONCURRENT_TEST(AtomicWait, BoolsNotifyOneWaiterEach) {
  static std::atomic<bool> doors[2];
  labkit::RunTogether([] { doors[0].wait(false); },
                      [] { doors[1].wait(false); },
                      [] {
                        doors[1].store(true);
                        doors[1].notify_one();
                        doors[0].store(true);
                        doors[0].notify_one();
                      });
}
