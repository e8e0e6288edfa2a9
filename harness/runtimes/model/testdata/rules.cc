// What the C++ standard forbids and pthreads do not notice, and what it allows.

#include <pthread.h>

#include <mutex>
#include <semaphore>
#include <shared_mutex>
#include <thread>

#include "labkit/labkit.h"

namespace {

std::mutex mutex;
std::recursive_mutex again;
std::timed_mutex timed;
std::shared_mutex shared;
pthread_mutex_t posix = PTHREAD_MUTEX_INITIALIZER;
std::binary_semaphore permit{0};
std::counting_semaphore<2> permits{0};
std::counting_semaphore<> many{0};

}  // namespace

CONCURRENT_TEST(Wrong, EndsWithTheMutex) {
  std::jthread([] { mutex.lock(); });
}
CONCURRENT_TEST(Wrong, EndsWithOneOfTwoLevels) {
  std::jthread([] {
    again.lock();
    again.lock();
    again.unlock();
  });
}
CONCURRENT_TEST(Wrong, EndsWithWhatItTried) {
  std::jthread([] { EXPECT_TRUE(timed.try_lock()); });
}
CONCURRENT_TEST(Wrong, EndsAsAReader) {
  std::jthread([] { shared.lock_shared(); });
}
CONCURRENT_TEST(Wrong, UniqueLockIsReleasedForGood) {
  std::unique_lock lock(mutex);
  lock.release();
}
CONCURRENT_TEST(Right, EndsWithNothing) {
  std::jthread([] {
    std::scoped_lock all(mutex, again, timed, shared);
    std::lock_guard twice(again);
  });
  std::unique_lock lock(mutex);
  lock.release()->unlock();
}
CONCURRENT_TEST(Right, PosixLetsAThreadEndWithIt) {
  std::jthread([] { pthread_mutex_lock(&posix); });
}

CONCURRENT_TEST(Wrong, OwnerTries) {
  std::lock_guard lock(mutex);
  EXPECT_FALSE(mutex.try_lock());
}
CONCURRENT_TEST(Wrong, OwnerTriesToShare) {
  std::lock_guard lock(shared);
  EXPECT_FALSE(shared.try_lock_shared());
}
CONCURRENT_TEST(Right, OwnerOfARecursiveOneTries) {
  std::lock_guard lock(again);
  EXPECT_TRUE(again.try_lock());
  again.unlock();
}
CONCURRENT_TEST(Right, PosixLetsTheOwnerTry) {
  pthread_mutex_lock(&posix);
  EXPECT_NE(pthread_mutex_trylock(&posix), 0);
  pthread_mutex_unlock(&posix);
}

CONCURRENT_TEST(Wrong, ReaderUnlocksAsAWriter) {
  shared.lock_shared();
  shared.unlock();
}
CONCURRENT_TEST(Wrong, WriterUnlocksAsAReader) {
  shared.lock();
  shared.unlock_shared();
}
CONCURRENT_TEST(Right, EachUnlocksAsItLocked) {
  labkit::RunTogether([] { std::shared_lock lock(shared); },
                      [] { std::unique_lock lock(shared); });
}

CONCURRENT_TEST(Wrong, PermitIsGivenTwice) {
  labkit::RunTogether([] { permit.release(); }, [] { permit.release(); });
}
CONCURRENT_TEST(Wrong, ThreeOfTwoPermits) { permits.release(3); }
CONCURRENT_TEST(Right, PermitIsTakenInBetween) {
  labkit::RunTogether([] { permit.release(); }, [] { permit.acquire(); });
  permit.release();
}
CONCURRENT_TEST(Right, TwoOfTwoPermitsAndManyOfMany) {
  permits.release(2);
  many.release(20);
}
