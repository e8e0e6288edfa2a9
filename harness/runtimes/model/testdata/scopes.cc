// Objects that are gone, and those that are still there.

#include <pthread.h>
#include <semaphore.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <semaphore>
#include <thread>
#include <vector>

#include "labkit/labkit.h"

namespace {

std::atomic<int*> published{nullptr};
std::atomic<bool> flag{false};
std::mutex mutex;

// A frame of some size, which lies below its caller's.
[[gnu::noinline]] std::thread StartWithALocal(bool wait) {
  std::vector<int> filler(4, 1);
  std::mutex local_mutex;
  int local[16] = {};
  std::thread thread([&] {
    local_mutex.lock();
    local[7] = 7;
    local_mutex.unlock();
  });
  if (wait) thread.join();
  return thread;
}

[[gnu::noinline]] void PublishALocal() {
  int local[16] = {};
  published.store(&local[7]);
  // Somebody may look at it now.
  mutex.lock();
  mutex.unlock();
}

struct Shared {
  std::mutex mutex;
  std::binary_semaphore done{0};
  int value = 0;
};

}  // namespace

// Another thread's local variables.

CONCURRENT_TEST(Right, LocalIsUsedInItsScope) { StartWithALocal(true); }
CONCURRENT_TEST(Wrong, LocalIsUsedAfterItsScope) {
  StartWithALocal(false).join();
}

CONCURRENT_TEST(Right, BodysLocalIsUsedWhileItWaits) {
  int local = 0;
  std::atomic<int> count{0};
  auto work = [&] {
    mutex.lock();
    ++local;
    mutex.unlock();
    count.fetch_add(1);
  };
  labkit::RunTogether(work, work);
  EXPECT_EQ(local + count.load(), 4);
}
CONCURRENT_TEST(Wrong, BodysLocalIsUsedAfterIt) {
  std::atomic<int> count{0};
  std::thread([&] { count.fetch_add(1); }).detach();
}
CONCURRENT_TEST(Right, FieldsOfALocalAreWrittenByOneEach) {
  int seen[4] = {};
  std::jthread thread([&seen] { seen[2] = 1; });
  seen[1] = 1;
}
CONCURRENT_TEST(Wrong, FieldOfALocalIsWrittenByBoth) {
  int seen[4] = {};
  std::jthread thread([&seen] { seen[2] = 1; });
  seen[2] = 1;
}
CONCURRENT_TEST(Right, GlobalIsUsedAfterTheBody) {
  static std::atomic<int> count{0};
  std::thread([&] { count.fetch_add(1); }).detach();
}

CONCURRENT_TEST(Right, PublishedLocalIsReadInTime) {
  labkit::RunTogether(
      [] {
        int local = 7;
        published.store(&local);
        while (!flag.load()) {
        }
      },
      [] {
        if (const int* seen = published.load()) EXPECT_EQ(*seen, 7);
        flag.store(true);
      });
}
CONCURRENT_TEST(Wrong, PublishedLocalIsReadTooLate) {
  labkit::RunTogether(
      [] {
        PublishALocal();
        flag.store(true);
      },
      [] {
        while (!flag.load()) {
        }
        EXPECT_GE(*published.load(), 0);
      });
}
CONCURRENT_TEST(Wrong, PublishedLocalOutlivesItsThread) {
  std::thread([] { PublishALocal(); }).join();
  EXPECT_GE(*published.load(), 0);
}

// Locks and semaphores whose memory is gone.

CONCURRENT_TEST(Right, LastOneFreesIt) {
  auto* shared = new Shared;
  auto leave = [shared] {
    shared->mutex.lock();
    const bool last = ++shared->value == 2;
    shared->mutex.unlock();
    if (last) delete shared;
  };
  labkit::RunTogether(leave, leave);
}
CONCURRENT_TEST(Wrong, FirstOneFreesIt) {
  auto* shared = new Shared;
  auto leave = [shared] {
    shared->mutex.lock();
    const bool first = ++shared->value == 1;
    shared->mutex.unlock();
    if (first) delete shared;
  };
  labkit::RunTogether(leave, leave);
}
CONCURRENT_TEST(Right, WaiterFreesTheSemaphore) {
  auto* shared = new Shared;
  labkit::RunTogether([shared] { shared->done.release(); },
                      [shared] {
                        shared->done.acquire();
                        delete shared;
                      });
}
CONCURRENT_TEST(Wrong, PosterFreesTheSemaphore) {
  auto* shared = new Shared;
  labkit::RunTogether([shared] { shared->done.acquire(); },
                      [shared] {
                        shared->done.release();
                        delete shared;
                      });
}
