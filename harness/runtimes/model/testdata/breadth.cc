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
