#include <chrono>
#include <mutex>
#include <thread>

#include "labkit/labkit.h"
#include "spin_lock.h"

namespace {

// On real threads the first packet of each takes long: the other two wait at
// the same time, and must not lose patience.
CONCURRENT_TEST(SpinLock, NoPacketIsLost) {
  const int threads = labkit::ByEngine{.model = 2, .tsan = 3}.get();
  const int packets = labkit::ByEngine{.model = 1, .tsan = 500}.get();
  const bool takes_long = labkit::CurrentEngine() == labkit::EngineId::kTsan;
  SpinLock lock;
  // Eight bytes: of those that two variables share ThreadSanitizer may forget
  // the accesses to the one for those to the other.
  long recorded = 0;
  labkit::RunThreads(threads, [&](int) {
    for (int i = 0; i < packets; ++i) {
      std::lock_guard<SpinLock> guard(lock);
      ++recorded;
      if (i == 0 && takes_long) {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
      }
    }
  });
  EXPECT_EQ(recorded, threads * packets);
}

CONCURRENT_TEST(SpinLock, TryLockExcludesToo) {
  SpinLock lock;
  int recorded = 0;
  int turned_away = 0;
  std::thread patient([&] {
    std::lock_guard<SpinLock> guard(lock);
    ++recorded;
  });
  if (lock.try_lock()) {
    ++recorded;
    lock.unlock();
  } else {
    ++turned_away;
  }
  patient.join();
  EXPECT_EQ(recorded + turned_away, 2);
}

// The lock is taken and its owner waits for the one who tries. A third one
// waits for the lock and gets it, although somebody was turned away meanwhile.
CONCURRENT_TEST(SpinLock, TryLockDoesNotWait) {
  SpinLock lock;
  lock.lock();
  std::thread patient([&] { std::lock_guard<SpinLock> guard(lock); });
  bool got_it = true;
  std::thread busy([&] { got_it = lock.try_lock(); });
  busy.join();
  EXPECT_FALSE(got_it) << "try_lock() took a lock that another thread has";
  lock.unlock();
  patient.join();
}

// The owner gives the lock back and would have it again, and another thread
// tries, too. Once it is free, "no" means that somebody else has got it.
CONCURRENT_TEST(SpinLock, NoMeansThatSomebodyHasIt) {
  SpinLock lock;
  bool owner = false;
  bool other = false;
  lock.lock();
  labkit::RunTogether(
      [&] {
        lock.unlock();
        owner = lock.try_lock();
      },
      [&] { other = lock.try_lock(); });
  EXPECT_NE(owner, other) << (owner ? "both took it" : "nobody took it");
}

// The same with one that waits. Who is told "no", then waits himself and comes
// before the other one has been in, was turned away from a free lock.
CONCURRENT_TEST(SpinLock, WaitingIsNotHaving) {
  SpinLock lock;
  bool been_in = false;  // guarded by lock
  lock.lock();
  std::thread patient([&] {
    std::lock_guard<SpinLock> guard(lock);
    been_in = true;
  });
  lock.unlock();
  if (!lock.try_lock()) {
    lock.lock();
    EXPECT_TRUE(been_in) << "nobody had the lock, and try_lock() said no";
  }
  lock.unlock();
  patient.join();
}

// More packets than fit into 16 bits, one after another.
TEST(SpinLock, StillWorksInTheEvening) {
  SpinLock lock;
  int taken = 0;
  for (int packet = 0; packet < 70'000; ++packet) {
    if (!lock.try_lock()) continue;
    ++taken;
    lock.unlock();
  }
  EXPECT_EQ(taken, 70'000) << "so often a free lock was taken";

  SpinLock other;
  for (int packet = 0; packet < 70'000; ++packet) {
    std::lock_guard<SpinLock> guard(other);
  }
  EXPECT_TRUE(other.try_lock()) << "it has been taken often, and is free";
}

TEST(SpinLock, TryLockIsHonest) {
  SpinLock lock;
  EXPECT_TRUE(lock.try_lock()) << "the lock was free";
  EXPECT_FALSE(lock.try_lock()) << "the lock was taken";
  SpinLock another;
  EXPECT_TRUE(another.try_lock()) << "another lock was taken, not this one";
  another.unlock();
  EXPECT_FALSE(lock.try_lock()) << "another lock was given back, not this one";
  lock.unlock();
  lock.lock();
  EXPECT_FALSE(lock.try_lock()) << "the lock was taken";
  lock.unlock();
  EXPECT_TRUE(lock.try_lock()) << "the lock was free again";
  lock.unlock();
}

}  // namespace
