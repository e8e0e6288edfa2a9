// What else a scenario may use, right and wrong.

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <threads.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <cstring>
#include <future>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>

#include "labkit/labkit.h"

namespace {

int value = 0;
std::atomic<int> word{0};
std::atomic_flag door;
std::mutex mutex;
std::condition_variable_any changed_any;
pthread_rwlock_t shared = PTHREAD_RWLOCK_INITIALIZER;
pthread_mutex_t plain_mutex = PTHREAD_MUTEX_INITIALIZER;
pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
bool ready = false;

// A counter in a page of its own, as processes share one.
struct Mapped {
  static Mapped* Open() {
    void* page = mmap(nullptr, sizeof(Mapped), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    auto* mapped = new (page) Mapped;
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    pthread_mutex_init(&mapped->mutex, &attributes);
    pthread_mutexattr_destroy(&attributes);
    return mapped;
  }
  void Close() {
    pthread_mutex_destroy(&mutex);
    munmap(this, sizeof(Mapped));
  }
  void Add() {
    pthread_mutex_lock(&mutex);
    ++count;
    pthread_mutex_unlock(&mutex);
  }

  pthread_mutex_t mutex;
  int count = 0;
};

struct alignas(16) Pair {
  long left = 0;
  long right = 0;
  bool operator==(const Pair&) const = default;
};

}  // namespace

CONCURRENT_TEST(Right, PageIsMappedAndLocked) {
  Mapped* mapped = Mapped::Open();
  labkit::RunThreads(2, [mapped](int) { mapped->Add(); });
  EXPECT_EQ(mapped->count, 2);
  mapped->Close();
}
CONCURRENT_TEST(Wrong, PageIsReadWithoutTheLock) {
  Mapped* mapped = Mapped::Open();
  int seen = 0;
  labkit::RunTogether([&] { mapped->Add(); }, [&] { seen = mapped->count; });
  mapped->Close();
}
CONCURRENT_TEST(Wrong, PageIsUnmappedTooSoon) {
  Mapped* mapped = Mapped::Open();
  labkit::RunTogether([&] { mapped->Add(); },
                      [&] {
                        mapped->Add();
                        mapped->Close();
                      });
}
CONCURRENT_TEST(Right, PageStaysMapped) {
  auto* page = static_cast<int*>(mmap(nullptr, 100, PROT_READ | PROT_WRITE,
                                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  EXPECT_EQ(page[24], 0) << "a fresh page is empty";
  page[24] = 1;
}

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

CONCURRENT_TEST(Right, FlagWaits) {
  labkit::RunTogether(
      [] {
        door.wait(false);
        EXPECT_EQ(value, 7);
      },
      [] {
        value = 7;
        door.test_and_set();
        door.notify_one();
      });
}
CONCURRENT_TEST(Wrong, FlagIsSetTooSoon) {
  labkit::RunTogether(
      [] {
        door.wait(false);
        EXPECT_EQ(value, 7);
      },
      [] {
        door.test_and_set();
        door.notify_one();
        value = 7;
      });
}

CONCURRENT_TEST(Right, StopTokenEndsTheWait) {
  std::jthread waiter([](std::stop_token stop) {
    std::unique_lock lock(mutex);
    changed_any.wait(lock, stop, [] { return ready; });
  });
}
CONCURRENT_TEST(Wrong, WaitKnowsOfNoStop) {
  std::jthread waiter([](std::stop_token) {
    std::unique_lock lock(mutex);
    changed_any.wait(lock, [] { return ready; });
  });
}

CONCURRENT_TEST(Right, TaskHandsOver) {
  std::packaged_task<void()> task([] { value = 7; });
  std::future<void> done = task.get_future();
  std::jthread runner(std::move(task));
  done.get();
  EXPECT_EQ(value, 7);
}
CONCURRENT_TEST(Wrong, AsyncIsNotAwaited) {
  std::future<void> done = std::async(std::launch::async, [] { value = 7; });
  value = 1;
  done.get();
}

CONCURRENT_TEST(Right, WeakPointerLocks) {
  auto shared_value = std::make_shared<int>(7);
  std::weak_ptr<int> weak = shared_value;
  labkit::RunTogether([&] { shared_value.reset(); },
                      [&] {
                        if (auto strong = weak.lock()) EXPECT_EQ(*strong, 7);
                      });
}
CONCURRENT_TEST(Wrong, SharedPointerItselfIsShared) {
  auto shared_value = std::make_shared<int>(7);
  labkit::RunTogether([&] { shared_value.reset(); },
                      [&] { auto copy = shared_value; });
}

CONCURRENT_TEST(Right, PthreadReadersAndAWriter) {
  labkit::RunTogether(
      [] {
        pthread_rwlock_rdlock(&shared);
        EXPECT_EQ(value % 2, 0);
        pthread_rwlock_unlock(&shared);
      },
      [] {
        pthread_rwlock_wrlock(&shared);
        ++value;
        ++value;
        pthread_rwlock_unlock(&shared);
      });
}
CONCURRENT_TEST(Wrong, PthreadWriterReads) {
  const auto write = [] {
    pthread_rwlock_rdlock(&shared);
    ++value;
    pthread_rwlock_unlock(&shared);
  };
  labkit::RunTogether(write, write);
}

CONCURRENT_TEST(Right, ClockwaitInALoop) {
  labkit::RunTogether(
      [] {
        timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        ++until.tv_sec;
        pthread_mutex_lock(&plain_mutex);
        int result = 0;
        while (!ready && result == 0) {
          result = pthread_cond_clockwait(&condition, &plain_mutex,
                                          CLOCK_MONOTONIC, &until);
        }
        EXPECT_TRUE(ready || result == ETIMEDOUT);
        pthread_mutex_unlock(&plain_mutex);
      },
      [] {
        pthread_mutex_lock(&plain_mutex);
        ready = true;
        pthread_cond_signal(&condition);
        pthread_mutex_unlock(&plain_mutex);
      });
}
CONCURRENT_TEST(Wrong, ClockwaitOnce) {
  labkit::RunTogether(
      [] {
        timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        ++until.tv_sec;
        pthread_mutex_lock(&plain_mutex);
        if (!ready) {
          pthread_cond_clockwait(&condition, &plain_mutex, CLOCK_MONOTONIC,
                                 &until);
        }
        EXPECT_TRUE(ready);
        pthread_mutex_unlock(&plain_mutex);
      },
      [] {
        pthread_mutex_lock(&plain_mutex);
        ready = true;
        pthread_cond_signal(&condition);
        pthread_mutex_unlock(&plain_mutex);
      });
}

// A thread's last store and its end are two steps.
CONCURRENT_TEST(Right, TryJoinMayComeTooSoon) {
  EXPECT_REACHABLE("stored and not ended");
  EXPECT_REACHABLE("ended");
  pthread_t thread;
  pthread_create(
      &thread, nullptr,
      [](void*) -> void* {
        word.store(1);
        return nullptr;
      },
      nullptr);
  const bool stored = word.load() == 1;
  if (pthread_tryjoin_np(thread, nullptr) == 0) {
    REACHED("ended");
    return;
  }
  if (stored) REACHED("stored and not ended");
  pthread_join(thread, nullptr);
}
CONCURRENT_TEST(Wrong, TryJoinIsTakenToSucceed) {
  pthread_t thread;
  pthread_create(
      &thread, nullptr,
      [](void*) -> void* {
        word.store(1);
        return nullptr;
      },
      nullptr);
  while (word.load() == 0) {
  }
  const bool ended = pthread_tryjoin_np(thread, nullptr) == 0;
  if (!ended) pthread_join(thread, nullptr);
  EXPECT_TRUE(ended);
}
CONCURRENT_TEST(Right, TimedJoinEndsEitherWay) {
  EXPECT_REACHABLE("too late");
  pthread_t thread;
  pthread_create(
      &thread, nullptr,
      [](void*) -> void* {
        word.store(1);
        return nullptr;
      },
      nullptr);
  timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  ++until.tv_sec;
  if (pthread_timedjoin_np(thread, nullptr, &until) == ETIMEDOUT) {
    REACHED("too late");
    pthread_join(thread, nullptr);
  }
}

CONCURRENT_TEST(Unsupported, Poll) { poll(nullptr, 0, 1); }
CONCURRENT_TEST(Unsupported, Select) {
  timeval time{0, 1};
  select(0, nullptr, nullptr, nullptr, &time);
}
CONCURRENT_TEST(Unsupported, Sigaction) {
  struct sigaction action{};
  action.sa_handler = SIG_IGN;
  sigaction(SIGUSR1, &action, nullptr);
}
CONCURRENT_TEST(Unsupported, Signal) { signal(SIGUSR1, SIG_IGN); }
CONCURRENT_TEST(Unsupported, Kill) { kill(getpid(), SIGUSR1); }
CONCURRENT_TEST(Unsupported, Alarm) { alarm(1); }
CONCURRENT_TEST(Unsupported, Fork) { fork(); }
CONCURRENT_TEST(Unsupported, Pause) { pause(); }
CONCURRENT_TEST(Unsupported, Pthread_cancel) { pthread_cancel(pthread_self()); }
CONCURRENT_TEST(Unsupported, Read) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  char byte;
  (void)!read(ends[0], &byte, 1);
}
CONCURRENT_TEST(Unsupported, Thrd_create) {
  thrd_t thread;
  thrd_create(&thread, [](void*) { return 0; }, nullptr);
}
CONCURRENT_TEST(Unsupported, Mtx_lock) {
  static mtx_t c_mutex;
  mtx_lock(&c_mutex);
}
