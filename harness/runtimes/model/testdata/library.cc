// What libstdc++.so does for threads without instrumentation, and how programs
// get it right and wrong. runner.tsan is held against these, too.

#include <condition_variable>
#include <exception>
#include <future>
#include <iostream>
#include <memory>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "labkit/labkit.h"

namespace {

struct Refusal {
  int code;
  std::string why;
};

int value = 0;
std::mutex mutex;
std::condition_variable changed;
std::exception_ptr failure;

std::exception_ptr Refused() {
  try {
    throw Refusal{3, "too long a text for the string's own buffer"};
  } catch (...) {
    return std::current_exception();
  }
}

int CodeOf(const std::exception_ptr& pointer) {
  try {
    std::rethrow_exception(pointer);
  } catch (const Refusal& refusal) {
    return refusal.code + static_cast<int>(refusal.why.size()) - 43;
  }
}

}  // namespace

// Exceptions.

CONCURRENT_TEST(Right, LastReaderFreesTheException) {
  std::exception_ptr pointer = Refused();
  const auto read = [](std::exception_ptr mine) { EXPECT_EQ(CodeOf(mine), 3); };
  std::jthread one(read, pointer);
  std::jthread other(read, pointer);
  pointer = nullptr;
}
CONCURRENT_TEST(Wrong, ReferenceOutlivesTheLastPointer) {
  std::exception_ptr pointer = Refused();
  const Refusal* refusal = nullptr;
  try {
    std::rethrow_exception(pointer);
  } catch (const Refusal& caught) {
    refusal = &caught;
  }
  std::jthread last([mine = std::exchange(pointer, nullptr)] {});
  EXPECT_EQ(refusal->code, 3);
}

CONCURRENT_TEST(Right, TaskThrowsAndIsGone) {
  std::packaged_task<void()> task([] { throw std::runtime_error("no"); });
  std::future<void> done = task.get_future();
  std::jthread runner(std::move(task));
  try {
    done.get();
  } catch (const std::exception& error) {
    EXPECT_EQ(std::string(error.what()), "no");
  }
}

CONCURRENT_TEST(Right, ExceptionIsChangedUnderALock) {
  std::exception_ptr pointer = Refused();
  const auto change = [](std::exception_ptr mine) {
    try {
      std::rethrow_exception(mine);
    } catch (Refusal& refusal) {
      std::lock_guard lock(mutex);
      ++refusal.code;
    }
  };
  std::jthread one(change, pointer);
  std::jthread other(change, pointer);
  pointer = nullptr;
}
CONCURRENT_TEST(Wrong, ExceptionIsChangedByBoth) {
  std::exception_ptr pointer = Refused();
  const auto change = [](std::exception_ptr mine) {
    try {
      std::rethrow_exception(mine);
    } catch (Refusal& refusal) {
      ++refusal.code;
    }
  };
  std::jthread one(change, pointer);
  std::jthread other(change, pointer);
  pointer = nullptr;
}

CONCURRENT_TEST(Right, PointerIsHandedOverUnderALock) {
  {
    std::jthread thread([] {
      std::lock_guard lock(mutex);
      failure = Refused();
    });
    std::lock_guard lock(mutex);
    if (failure != nullptr) EXPECT_EQ(CodeOf(failure), 3);
  }
  failure = nullptr;
}
CONCURRENT_TEST(Wrong, PointerIsHandedOverWithoutALock) {
  {
    std::jthread thread([] { failure = Refused(); });
    const std::exception_ptr mine = failure;
  }
  failure = nullptr;
}

// How many hold it orders nothing but its end.
CONCURRENT_TEST(Wrong, CountIsTakenForOrder) {
  std::exception_ptr pointer = Refused();
  std::jthread thread([mine = pointer]() mutable {
    value = 1;
    mine = nullptr;
  });
  pointer = nullptr;
  EXPECT_LE(value, 1);
}

// At a thread's end.

CONCURRENT_TEST(Right, NotifiesAtTheEnd) {
  std::jthread thread([] {
    std::unique_lock lock(mutex);
    value = 1;
    std::notify_all_at_thread_exit(changed, std::move(lock));
  });
  std::unique_lock lock(mutex);
  changed.wait(lock, [] { return value == 1; });
}
CONCURRENT_TEST(Wrong, NotifiesAtTheEndOfNothing) {
  std::jthread thread([] {
    std::unique_lock lock(mutex);
    std::notify_all_at_thread_exit(changed, std::move(lock));
  });
  std::unique_lock lock(mutex);
  changed.wait(lock, [] { return value == 1; });
}

CONCURRENT_TEST(Right, ValueIsReadyAtTheEnd) {
  std::promise<int> promise;
  std::future<int> future = promise.get_future();
  std::jthread thread([&] {
    promise.set_value_at_thread_exit(3);
    value = 1;
  });
  EXPECT_EQ(future.get() + value, 4);
}
CONCURRENT_TEST(Wrong, ValueIsReadyBeforeTheEnd) {
  std::promise<int> promise;
  std::future<int> future = promise.get_future();
  std::jthread thread([&] {
    promise.set_value(3);
    value = 1;
  });
  EXPECT_GE(future.get() + value, 3);
}
CONCURRENT_TEST(Right, TaskIsReadyAtTheEnd) {
  std::packaged_task<int()> task([] { return 3; });
  std::future<int> future = task.get_future();
  std::jthread thread([mine = std::move(task)]() mutable {
    mine.make_ready_at_thread_exit();
    value = 1;
  });
  EXPECT_EQ(future.get() + value, 4);
}

// The functions for shared_ptrs that stand in for std::atomic<shared_ptr>.

CONCURRENT_TEST(Right, PointerIsStoredByTheFunction) {
  auto pointer = std::make_shared<int>(1);
  std::jthread thread(
      [&] { std::atomic_store(&pointer, std::make_shared<int>(2)); });
  EXPECT_LE(*std::atomic_load(&pointer), 2);
}
CONCURRENT_TEST(Wrong, PointerIsStoredByTheFunctionOnly) {
  auto pointer = std::make_shared<int>(1);
  std::jthread thread(
      [&] { std::atomic_store(&pointer, std::make_shared<int>(2)); });
  EXPECT_LE(*pointer, 2);
}

// Streams.

CONCURRENT_TEST(Right, LinesAreWrittenUnderALock) {
  std::ostringstream log;
  const auto write = [&log] {
    const std::lock_guard lock(mutex);
    log << "took " << 2 << ' ' << 0.5 << std::string(" s") << std::endl;
  };
  std::thread one(write);
  std::thread other(write);
  one.join();
  other.join();
  EXPECT_EQ(log.str(), "took 2 0.5 s\ntook 2 0.5 s\n");
}
CONCURRENT_TEST(Wrong, NumbersAreWrittenWithoutALock) {
  std::ostringstream log("0", std::ios::ate);
  std::jthread one([&log] { log << 1; });
  std::jthread other([&log] { log << 2; });
}
CONCURRENT_TEST(Wrong, LogIsReadWhileItIsWritten) {
  std::ostringstream log("0", std::ios::ate);
  std::jthread thread([&log] { log << '1'; });
  EXPECT_LE(log.str().size(), 2u);
}
CONCURRENT_TEST(Wrong, NumbersAreReadWithoutALock) {
  std::istringstream numbers("1 2");
  const auto read = [&numbers] {
    int number = 0;
    numbers >> number;
    EXPECT_GT(number, 0);
  };
  std::jthread one(read);
  std::jthread other(read);
}
CONCURRENT_TEST(Wrong, LogIsWrittenAfterItsEnd) {
  auto log = std::make_unique<std::ostringstream>();
  std::jthread thread([&out = *log] { out << 1; });
  log.reset();
}
CONCURRENT_TEST(Right, EverybodyMayUseTheStandardStreams) {
  const auto write = [] { std::clog << "" << std::flush; };
  std::jthread one(write);
  std::jthread other(write);
}

// Objects of std::thread.

CONCURRENT_TEST(Right, JoinableIsAskedBeforeTheJoin) {
  std::thread thread([] {});
  std::thread asks([&] { EXPECT_TRUE(thread.joinable()); });
  asks.join();
  thread.join();
  EXPECT_FALSE(thread.joinable());
}
CONCURRENT_TEST(Wrong, JoinableIsAskedBesideTheJoin) {
  std::thread thread([] {});
  std::thread asks([&] {
    if (thread.joinable()) ++value;
  });
  thread.join();
  asks.join();
}
CONCURRENT_TEST(Wrong, IdIsReadWhileItsThreadIsDetached) {
  std::promise<void> ended;
  std::thread thread([&] { ended.set_value_at_thread_exit(); });
  std::jthread asks([&] { EXPECT_NE(thread.get_id(), std::thread::id()); });
  thread.detach();
  ended.get_future().wait();
}
CONCURRENT_TEST(Right, ThreadIsMovedAndJoinedUnderALock) {
  std::thread thread([] {});
  const auto join = [&] {
    std::lock_guard lock(mutex);
    if (thread.joinable()) thread.join();
  };
  std::jthread one(join);
  std::jthread other(join);
}

// Proves nothing.
CONCURRENT_TEST(Skipped, InAThread) {
  std::jthread([] { GTEST_SKIP(); });
}
