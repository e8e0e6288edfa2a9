// Abseil's synchronization: used rightly (never to be reported) and wrongly.
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/barrier.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "labkit/labkit.h"

namespace {

ABSL_CONST_INIT absl::Mutex global_mutex(absl::kConstInit);
int guarded ABSL_GUARDED_BY(global_mutex) = 0;

class Queue {
 public:
  void Push(int value) {
    absl::MutexLock lock(&mutex_);
    values_.push_back(value);
  }
  int Pop() {
    absl::MutexLock lock(&mutex_, absl::Condition(this, &Queue::HasValue));
    const int value = values_.back();
    values_.pop_back();
    return value;
  }

 private:
  bool HasValue() const { return !values_.empty(); }

  absl::Mutex mutex_;
  std::vector<int> values_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

CONCURRENT_TEST(Right, MutexLock) {
  auto add = [] {
    absl::MutexLock lock(&global_mutex);
    ++guarded;
  };
  labkit::RunTogether(add, add);
  absl::MutexLock lock(&global_mutex);
  EXPECT_EQ(guarded, 2);
}

CONCURRENT_TEST(Right, ConditionOfAMember) {
  Queue queue;
  int sum = 0;
  labkit::RunTogether([&] { queue.Push(1); }, [&] { queue.Push(2); },
                      [&] { sum = queue.Pop() + queue.Pop(); });
  EXPECT_EQ(sum, 3);
}

CONCURRENT_TEST(Right, AwaitByTurns) {
  absl::Mutex mutex;
  int turn = 0;
  labkit::RunThreads(3, [&](int i) {
    for (int round = 0; round < 3; ++round) {
      auto my_turn = [&] { return turn % 3 == i; };
      absl::MutexLock lock(&mutex);
      mutex.Await(absl::Condition(&my_turn));
      ++turn;
    }
  });
  EXPECT_EQ(turn, 9);
}

CONCURRENT_TEST(Right, ReadersAndAWriter) {
  absl::Mutex mutex;
  std::string text = "first";
  auto read = [&] {
    absl::ReaderMutexLock lock(&mutex);
    EXPECT_FALSE(text.empty());
  };
  labkit::RunTogether(read, read, [&] {
    absl::WriterMutexLock lock(&mutex);
    text = "a second text, too long for the string itself";
  });
}

CONCURRENT_TEST(Right, ReaderLockWhen) {
  absl::Mutex mutex;
  bool ready = false;
  int value = 0;
  auto read = [&] {
    absl::ReaderMutexLock lock(&mutex, absl::Condition(&ready));
    EXPECT_EQ(value, 5);
  };
  labkit::RunTogether(read, read, [&] {
    absl::MutexLock lock(&mutex);
    value = 5;
    ready = true;
  });
}

CONCURRENT_TEST(Right, CondVar) {
  absl::Mutex mutex;
  absl::CondVar changed;
  bool ready = false;
  labkit::RunTogether(
      [&] {
        absl::MutexLock lock(&mutex);
        while (!ready) changed.Wait(&mutex);
      },
      [&] {
        absl::MutexLock lock(&mutex);
        while (!ready) {
          changed.WaitWithTimeout(&mutex, absl::Seconds(60));
        }
      },
      [&] {
        absl::MutexLock lock(&mutex);
        ready = true;
        changed.SignalAll();
      });
}

CONCURRENT_TEST(Right, Notification) {
  absl::Notification done;
  int value = 0;
  labkit::RunTogether(
      [&] {
        value = 1;
        done.Notify();
      },
      [&] {
        done.WaitForNotification();
        EXPECT_EQ(value, 1);
      },
      [&] {
        if (done.HasBeenNotified()) {
          EXPECT_EQ(value, 1);
        }
      },
      [&] {
        if (done.WaitForNotificationWithTimeout(absl::Seconds(60))) {
          EXPECT_EQ(value, 1);
        }
      });
}

CONCURRENT_TEST(Right, BlockingCounter) {
  absl::BlockingCounter left(3);
  int values[3] = {};
  labkit::RunTogether(
      [&] {
        values[0] = 1;
        left.DecrementCount();
      },
      [&] {
        values[1] = 1;
        left.DecrementCount();
      },
      [&] {
        values[2] = 1;
        left.DecrementCount();
      },
      [&] {
        left.Wait();
        EXPECT_EQ(values[0] + values[1] + values[2], 3);
      });
}

CONCURRENT_TEST(Right, Barrier) {
  auto* barrier = new absl::Barrier(2);
  int values[2] = {};
  labkit::RunThreads(2, [&](int i) {
    values[i] = 1;
    if (barrier->Block()) delete barrier;
    EXPECT_EQ(values[0] + values[1], 2);
  });
}

CONCURRENT_TEST(Right, TryLocks) {
  absl::Mutex mutex;
  int value = 0;
  auto attempt = [&] {
    if (mutex.TryLock()) {
      ++value;
      mutex.Unlock();
    }
    if (mutex.ReaderTryLock()) {
      EXPECT_LE(value, 2);
      mutex.ReaderUnlock();
    }
  };
  labkit::RunTogether(attempt, attempt);
}

CONCURRENT_TEST(Right, ATimeoutThatPasses) {
  absl::Mutex mutex;
  bool never = false;
  absl::MutexLock lock(&mutex);
  EXPECT_FALSE(
      mutex.AwaitWithTimeout(absl::Condition(&never), absl::Milliseconds(5)));
}

// Whoever makes one may get what another had for his.
CONCURRENT_TEST(Right, EachMakesItsOwn) {
  labkit::RunThreads(3, [](int i) {
    for (int round = 0; round < 20; ++round) {
      absl::Mutex mutex;
      absl::CondVar changed;
      int value = 0;
      {
        absl::MutexLock lock(&mutex);
        value = i;
        changed.WaitWithTimeout(&mutex, absl::ZeroDuration());
      }
      absl::Mutex constant(absl::kConstInit);
      absl::ReaderMutexLock lock(&constant);
      changed.SignalAll();
      EXPECT_EQ(value, i);
    }
  });
}

CONCURRENT_TEST(Right, EachWaitsForItsOwnNotification) {
  absl::Mutex mutex;
  std::vector<absl::Notification*> waiting;
  int value = 0;
  auto wait = [&] {
    for (int round = 0; round < 5; ++round) {
      absl::Notification mine;
      {
        absl::MutexLock lock(&mutex);
        waiting.push_back(&mine);
      }
      mine.WaitForNotification();
      EXPECT_GE(value, 1);
    }
  };
  auto has_one = [&] { return !waiting.empty(); };
  labkit::RunTogether(wait, wait, [&] {
    value = 1;
    for (int left = 10; left > 0; --left) {
      absl::MutexLock lock(&mutex, absl::Condition(&has_one));
      waiting.back()->Notify();
      waiting.pop_back();
    }
  });
}

CONCURRENT_TEST(Right, TheLastOneDestroys) {
  for (int round = 0; round < 10; ++round) {
    struct Shared {
      absl::Mutex mutex;
      int users ABSL_GUARDED_BY(mutex) = 3;
    };
    auto* const shared = new Shared;
    labkit::RunThreads(3, [shared](int) {
      bool last = false;
      {
        absl::MutexLock lock(&shared->mutex);
        last = --shared->users == 0;
      }
      if (last) delete shared;
    });
  }
}

CONCURRENT_TEST(Wrong, WritesUnderAReaderLock) {
  absl::Mutex mutex;
  int value = 0;
  auto write = [&] {
    absl::ReaderMutexLock lock(&mutex);
    ++value;
  };
  labkit::RunTogether(write, write);
}

CONCURRENT_TEST(Wrong, ReadsWithoutTheLock) {
  absl::Mutex mutex;
  int value = 0;
  labkit::RunTogether(
      [&] {
        absl::MutexLock lock(&mutex);
        ++value;
      },
      [&] { EXPECT_LE(value, 1); });
}

CONCURRENT_TEST(Wrong, SetsTheFlagWithoutTheLock) {
  absl::Mutex mutex;
  bool ready = false;
  labkit::RunTogether(
      [&] { absl::MutexLock lock(&mutex, absl::Condition(&ready)); },
      [&] {
        ready = true;
        absl::MutexLock lock(&mutex);
      });
}

CONCURRENT_TEST(Wrong, LocksTwice) {
  absl::Mutex mutex;
  absl::MutexLock outer(&mutex);
  absl::MutexLock inner(&mutex);
}

CONCURRENT_TEST(Wrong, UnlocksWhatIsNotLocked) {
  absl::Mutex mutex;
  mutex.Unlock();
}

CONCURRENT_TEST(Wrong, WaitsForNobody) {
  absl::Notification never;
  never.WaitForNotification();
}

CONCURRENT_TEST(Wrong, TwoWaitForEver) {
  absl::Mutex mutex;
  bool never = false;
  auto wait = [&] { absl::MutexLock lock(&mutex, absl::Condition(&never)); };
  labkit::RunTogether(wait, wait);
}

CONCURRENT_TEST(Wrong, AssertsWhatItDoesNotHold) {
  absl::Mutex mutex;
  mutex.AssertHeld();
}

CONCURRENT_TEST(Wrong, CondVarIsNeverSignalled) {
  absl::Mutex mutex;
  absl::CondVar changed;
  bool ready = false;
  auto wait = [&] {
    absl::MutexLock lock(&mutex);
    while (!ready) changed.Wait(&mutex);
  };
  labkit::RunTogether(wait, wait);
}

CONCURRENT_TEST(Wrong, ReadsWithoutTheNotification) {
  absl::Notification done;
  int value = 0;
  labkit::RunTogether(
      [&] {
        value = 1;
        done.Notify();
      },
      [&] { EXPECT_LE(value, 1); });
  done.WaitForNotification();
}

CONCURRENT_TEST(Wrong, CountsOneTooFew) {
  absl::BlockingCounter left(1);
  int values[2] = {};
  labkit::RunTogether(
      [&] {
        values[0] = 1;
        left.DecrementCount();
      },
      [&] { values[1] = 1; },
      [&] {
        left.Wait();
        EXPECT_LE(values[0] + values[1], 2);
      });
}

// In memory that stays, so that it is the mutex which is gone.
CONCURRENT_TEST(Wrong, DestroysWhatAnotherLocks) {
  std::allocator<absl::Mutex> memory;
  absl::Mutex* const mutex = std::construct_at(memory.allocate(1));
  labkit::RunTogether([&] { std::destroy_at(mutex); },
                      [&] { absl::MutexLock lock(mutex); });
  memory.deallocate(mutex, 1);
}

CONCURRENT_TEST(Wrong, DestroysWhatAnotherSignals) {
  std::allocator<absl::CondVar> memory;
  absl::CondVar* const changed = std::construct_at(memory.allocate(1));
  labkit::RunTogether([&] { std::destroy_at(changed); },
                      [&] { changed->Signal(); });
  memory.deallocate(changed, 1);
}

// Each by itself makes no order between two threads.
CONCURRENT_TEST(Wrong, EachLocksItsOwn) {
  int value = 0;
  labkit::RunThreads(2, [&](int) {
    absl::Mutex mutex;
    absl::MutexLock lock(&mutex);
    ++value;
  });
}

CONCURRENT_TEST(Wrong, BarrierIsOneTooMany) {
  absl::Barrier barrier(3);
  auto arrive = [&] { barrier.Block(); };
  labkit::RunTogether(arrive, arrive);
}
