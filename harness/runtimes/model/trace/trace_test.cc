#include "runtimes/model/trace/trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "runtimes/model/trace/happens_before.h"
#include "symbols/symbols.h"

namespace racelab::model {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using verdict::FailureKind;
using verdict::Finding;
using verdict::SourceLocation;

constexpr uintptr_t kCounter = 0x1000;
constexpr uintptr_t kFlag = 0x1010;
constexpr uintptr_t kLockA = 0x1100;
constexpr uintptr_t kLockB = 0x1200;
constexpr uintptr_t kHead = 0x1300;
constexpr uintptr_t kTail = 0x1310;
constexpr uintptr_t kBlock = 0x9000;

// A module in which code address 10·n+1 is line n of student/a.cc, but for the
// addresses from 5000 on, which are a library's.
class FakeModule : public symbols::Module {
 public:
  bool Contains(uintptr_t address) const override { return address < 0x8000; }
  std::vector<SourceLocation> Frames(uintptr_t pc) const override {
    if (pc >= 5000)
      return {{"/usr/vector", 1, 0, "std::vector<int>::push_back"}};
    return {{"student/a.cc", static_cast<int>(pc / 10), 0, "f"}};
  }
  std::vector<SourceLocation> OwnFrames(
      std::span<const uintptr_t> stack) const override {
    std::vector<SourceLocation> result;
    for (const uintptr_t address : stack) {
      if (address != 0 && address - 1 < 5000) {
        result.push_back(Frames(address - 1).front());
      }
    }
    return result;
  }
  bool IsOwn(std::string_view file) const override {
    return file.starts_with("student/");
  }
  std::optional<symbols::Variable> Global(uintptr_t address,
                                          size_t) const override {
    static const std::map<uintptr_t, std::pair<std::string, std::string>>
        kNames = {{kCounter, {"counter", "int"}}, {kFlag, {"ready", "bool"}},
                  {kHead, {"head", "Node *"}},    {kTail, {"tail", "Node *"}},
                  {kLockA, {"a", "mutex"}},       {kLockB, {"b", "mutex"}}};
    const auto it = kNames.find(address);
    if (it == kNames.end()) return std::nullopt;
    symbols::Variable variable;
    variable.name = it->second.first;
    variable.origin = "global";
    variable.part_type = it->second.second;
    if (variable.part_type == "Node *") {
      variable.part_id = 1;
    } else if (variable.part_type != "mutex") {
      variable.value.kind = symbols::ValueType::Kind::kSigned;
      variable.value.size = 4;
    }
    return variable;
  }
  std::optional<symbols::Variable> ThreadLocal(uintptr_t,
                                               size_t) const override {
    return std::nullopt;
  }
  symbols::Variable Heap(std::span<const uintptr_t>, size_t, size_t,
                         size_t) const override {
    symbols::Variable variable;
    variable.type = "Node";
    variable.path = ".value";
    variable.name = "Node.value";
    variable.origin = "heap, 16 bytes from student/a.cc:3";
    return variable;
  }
  std::optional<symbols::Variable> Pointee(const symbols::Variable& handle,
                                           size_t, size_t,
                                           size_t) const override {
    symbols::Variable variable;
    variable.name = handle.name + "->value";
    return variable;
  }
  std::optional<symbols::Variable> Local(
      uintptr_t, size_t, std::span<const symbols::StackFrame>) const override {
    return std::nullopt;
  }
};

// Builds logs a line at a time.
class LogBuilder {
 public:
  Event& Add(EventKind kind, ThreadId thread, int line, uintptr_t object = 0,
             uint64_t value = 0, uint64_t old_value = 0) {
    Event& event = log.events.emplace_back();
    event.kind = kind;
    event.thread = thread;
    event.step = log.events.size();
    event.object = object;
    event.size = IsAccess(kind) ? 4 : 0;
    event.value.lo = value;
    event.old_value.lo = old_value;
    event.stack = {static_cast<uintptr_t>(line) * 10 + 2};
    return event;
  }
  void Start(ThreadId thread, int line) {
    Add(EventKind::kThreadStart, 0, line, static_cast<uintptr_t>(thread));
  }

  EventLog log;
};

Finding Build(const Failure& failure, const EventLog& log) {
  return BuildFinding(failure, log, FakeModule(), "");
}

Failure At(FailureKind kind, ThreadId thread, uintptr_t object,
           size_t size = 4) {
  Failure failure;
  failure.kind = kind;
  failure.thread = thread;
  failure.object = object;
  failure.object_size = size;
  return failure;
}

// "T1 12 writes counter 0 → 1"
std::vector<std::string> Rows(const Finding& finding) {
  std::vector<std::string> rows;
  for (const verdict::Step& step : finding.trace->steps) {
    std::string row =
        finding.trace->threads[static_cast<size_t>(step.thread)].name;
    row += " " + std::to_string(step.where.line) + " " + step.operation;
    if (!step.object.empty()) row += " " + step.object;
    if (!step.value.empty()) row += " " + step.value;
    rows.push_back(row);
  }
  return rows;
}

TEST(Trace, TellsARaceByItsTwoAccessesAndTheMissingEdge) {
  LogBuilder b;
  b.Add(EventKind::kPlainWrite, 0, 1, kCounter, 0);
  b.Start(1, 2);
  b.Start(2, 3);
  b.Add(EventKind::kPlainRead, 1, 10, kCounter, 0);
  b.Add(EventKind::kPlainWrite, 1, 11, kCounter, 1, 0);
  b.Add(EventKind::kPlainRead, 2, 10, kCounter, 1);
  b.Add(EventKind::kFailure, 2, 10, kCounter);
  const Finding finding = Build(At(FailureKind::kDataRace, 2, kCounter), b.log);
  EXPECT_EQ(finding.message,
            "Data race on counter: T1 writes it at a.cc:11, T2 reads it at "
            "a.cc:10, and nothing orders the two.");
  ASSERT_EQ(finding.accesses.size(), 2u);
  EXPECT_TRUE(finding.accesses[0].is_write);
  EXPECT_EQ(finding.accesses[1].thread, "T2");
  EXPECT_THAT(Rows(finding),
              ElementsAre("main 2 starts T1", "main 3 starts T2",
                          "T1 10 reads counter 0", "T1 11 writes counter 0 → 1",
                          "T2 10 reads counter 1"));
  EXPECT_THAT(finding.trace->steps.back().note,
              HasSubstr("no happens-before edge from T1 at a.cc:11"));
}

// The newest conflicting access is ordered by the lock; the one before is not.
TEST(Trace, BlamesTheAccessThatNothingOrders) {
  LogBuilder b;
  b.Start(1, 2);
  b.Start(2, 3);
  b.Add(EventKind::kPlainWrite, 1, 10, kCounter, 1, 0);
  b.Start(3, 4);
  b.Add(EventKind::kLock, 3, 20, kLockA);
  b.Add(EventKind::kPlainRead, 3, 21, kCounter, 1);
  b.Add(EventKind::kUnlock, 3, 22, kLockA);
  b.Add(EventKind::kLock, 2, 30, kLockA);
  b.Add(EventKind::kPlainWrite, 2, 31, kCounter, 2, 1);
  b.Add(EventKind::kFailure, 2, 31, kCounter);
  const Finding finding = Build(At(FailureKind::kDataRace, 2, kCounter), b.log);
  EXPECT_THAT(finding.message, HasSubstr("T1 writes it at a.cc:10"));
  EXPECT_THAT(finding.accesses[1].held, ElementsAre("a"));
  // The write that raced did not take place.
  EXPECT_EQ(finding.trace->steps.back().value, "");
}

TEST(Trace, TellsADeadlockAsACycle) {
  LogBuilder b;
  b.Start(1, 2);
  b.Start(2, 3);
  b.Add(EventKind::kLock, 1, 10, kLockA);
  b.Add(EventKind::kLock, 2, 20, kLockB);
  b.Add(EventKind::kBlock, 1, 11, kLockB);
  b.Add(EventKind::kBlock, 2, 21, kLockA);
  b.Add(EventKind::kBlock, 0, 4, 1);
  for (const ThreadId t : {0, 1, 2}) {
    b.Add(EventKind::kBlock, t, 0,
          t == 0   ? 0
          : t == 1 ? kLockB
                   : kLockA)
        .stack.clear();
  }
  b.Add(EventKind::kFailure, 0, 0).stack.clear();
  const Finding finding =
      Build(At(FailureKind::kDeadlock, 0, kLockB, 0), b.log);
  EXPECT_EQ(finding.message,
            "Deadlock: T1 waits for mutex b at a.cc:11, which T2 holds since "
            "a.cc:20; T2 waits for mutex a at a.cc:21, which T1 holds since "
            "a.cc:10.");
  ASSERT_EQ(finding.blocked.size(), 3u);
  EXPECT_EQ(finding.blocked[0].waits_for, "the end of T1");
  EXPECT_EQ(finding.blocked[1].held_by, "T2");
  EXPECT_THAT(Rows(finding), ElementsAre("main 2 starts T1", "main 3 starts T2",
                                         "T1 10 locks a", "T2 20 locks b",
                                         "T1 11 waits for mutex b",
                                         "T2 21 waits for mutex a"));
}

TEST(Trace, ExplainsAStaleRead) {
  LogBuilder b;
  b.Add(EventKind::kAtomicStore, 0, 1, kFlag, 0);
  b.Start(1, 2);
  b.Start(2, 3);
  b.Add(EventKind::kAtomicStore, 1, 12, kFlag, 1).order = Order::kRelaxed;
  Event& load = b.Add(EventKind::kAtomicLoad, 2, 20, kFlag, 0);
  load.order = Order::kAcquire;
  load.read.stale = true;
  load.read.writer = 0;
  load.read.writer_step = 1;
  load.read.writer_pc = 12;
  b.Add(EventKind::kExpectationFailed, 0, 30).detail = "no";
  Failure failure = At(FailureKind::kWrongResult, 0, 0, 0);
  failure.message =
      "Expected equality of these values:\n  sum()\n    Which is: 1\n  2\n";
  failure.file = "scenario.cc";
  failure.line = 30;
  const Finding finding = Build(failure, b.log);
  EXPECT_EQ(finding.message, "sum() should be 2, but is 1");
  EXPECT_EQ(finding.where.file, "scenario.cc");
  EXPECT_EQ(finding.trace->steps[3].operation, "loads (acquire)");
  EXPECT_THAT(finding.trace->steps[3].note,
              AllOf(HasSubstr("stale: 0 was written by main at a.cc:1"),
                    HasSubstr("the newer 1 from T1 at a.cc:12")));
}

TEST(Trace, SaysWhoFreedWhatIsUsed) {
  LogBuilder b;
  b.Add(EventKind::kAlloc, 0, 3, kBlock);
  b.Start(1, 4);
  b.Add(EventKind::kFree, 0, 5, kBlock);
  b.Add(EventKind::kPlainRead, 1, 10, kBlock);
  b.Add(EventKind::kFailure, 1, 10, kBlock);
  b.log.heap.push_back({.address = kBlock,
                        .size = 16,
                        .allocated_by = 0,
                        .allocated_at = {},
                        .freed_by = 0,
                        .freed_at = {}});
  const Finding finding =
      Build(At(FailureKind::kUseAfterFree, 1, kBlock), b.log);
  EXPECT_EQ(finding.message,
            "T1 uses Node#1.value at a.cc:10, which main freed at a.cc:5.");
  EXPECT_EQ(finding.object_origin, "heap, 16 bytes from student/a.cc:3");
  EXPECT_THAT(
      Rows(finding),
      ElementsAre("main 3 allocates Node#1.value", "main 4 starts T1",
                  "main 5 frees Node#1.value", "T1 10 reads Node#1.value"));
}

HeapBlock BlockAt(uintptr_t address) {
  HeapBlock block;
  block.address = address;
  block.size = 16;
  block.allocated_at = {32};
  return block;
}

// `head` holds one block's address, nobody holds the other's.
TEST(Trace, NamesTheHeapThroughWhatHoldsItsAddress) {
  LogBuilder b;
  b.log.heap = {BlockAt(kBlock), BlockAt(kBlock + 0x100)};
  b.Start(1, 2);
  b.Add(EventKind::kPlainWrite, 1, 10, kBlock, 1, 0);
  b.Add(EventKind::kPlainWrite, 0, 11, kBlock, 2, 1);
  b.Add(EventKind::kPlainWrite, 1, 12, kBlock + 0x100, 1, 0);
  b.Add(EventKind::kPlainWrite, 0, 13, kBlock + 0x100, 2, 1);
  b.Add(EventKind::kExpectationFailed, 0, 14);
  const Failure failure = At(FailureKind::kWrongResult, 0, 0, 0);
  b.log.pointers = {{kHead, kBlock}};
  const Finding at_the_end = Build(failure, b.log);
  EXPECT_EQ(at_the_end.trace->steps[1].object, "head->value");
  EXPECT_EQ(at_the_end.trace->steps[3].object, "Node#1.value");
  EXPECT_EQ(at_the_end.trace->steps[3].note,
            "Node#1: allocated by main at a.cc:3");
  EXPECT_EQ(at_the_end.trace->steps[4].note, "");
  // Once is enough, but what holds it now has the first word.
  b.Add(EventKind::kPlainWrite, 0, 9, kHead, kBlock + 0x100).size = 8;
  const Finding both = Build(failure, b.log);
  EXPECT_EQ(both.trace->steps[1].object, "head->value");
  EXPECT_EQ(both.trace->steps[3].object, "head->value");
  b.log.pointers = {{kHead, kBlock}, {kTail, kBlock + 0x100}};
  EXPECT_EQ(Build(failure, b.log).trace->steps[3].object, "tail->value");
}

TEST(Trace, LeavesOutWhatOnlyOneThreadTouches) {
  LogBuilder b;
  b.Start(1, 2);
  b.Start(2, 3);
  // Private to T1, and handed over by start and join alone.
  b.Add(EventKind::kPlainWrite, 1, 10, 0x2000, 1);
  b.Add(EventKind::kLock, 1, 11, kLockA);
  b.Add(EventKind::kUnlock, 1, 12, kLockA);
  b.Add(EventKind::kThreadJoin, 0, 4, 1);
  b.Add(EventKind::kPlainRead, 0, 5, 0x2000, 1);
  b.Add(EventKind::kExpectationFailed, 0, 6);
  const Finding finding = Build(At(FailureKind::kWrongResult, 0, 0, 0), b.log);
  EXPECT_THAT(Rows(finding),
              ElementsAre("main 2 starts T1", "main 3 starts T2",
                          "main 4 joins T1", "main 6 expectation fails"));
}

TEST(Trace, TellsAWakeUpThatNobodyCaused) {
  LogBuilder b;
  b.Start(1, 2);
  b.Start(2, 3);
  b.Add(EventKind::kBlock, 1, 10, kFlag);
  b.Add(EventKind::kWake, 1, 10, kFlag).detail = "spurious";
  // An ordinary one, of nobody else's, is left out.
  b.Add(EventKind::kBlock, 2, 20, kCounter);
  b.Add(EventKind::kWake, 2, 20, kCounter).detail = "notified";
  b.Add(EventKind::kExpectationFailed, 1, 11);
  const Finding finding = Build(At(FailureKind::kWrongResult, 1, 0, 0), b.log);
  EXPECT_THAT(Rows(finding),
              ElementsAre("main 2 starts T1", "main 3 starts T2",
                          "T1 10 waits for ready", "T1 10 wakes up ready",
                          "T1 11 expectation fails"));
  EXPECT_THAT(finding.trace->steps[3].note, HasSubstr("nobody notified it"));
}

TEST(Trace, FoldsWhatALibraryCallDoesIntoOneStep) {
  LogBuilder b;
  b.Start(1, 2);
  b.Start(2, 3);
  for (const ThreadId t : {1, 2}) {
    for (const uintptr_t offset : {0u, 8u, 16u}) {
      b.Add(EventKind::kPlainWrite, t, 0, 0x3000 + offset).stack = {
          6000, static_cast<uintptr_t>(10 * t * 10 + 2)};
    }
  }
  b.Add(EventKind::kExpectationFailed, 0, 6);
  const Finding finding = Build(At(FailureKind::kWrongResult, 0, 0, 0), b.log);
  EXPECT_THAT(Rows(finding), ElementsAre("main 2 starts T1", "main 3 starts T2",
                                         "T1 10 changes (push_back) 0x3000",
                                         "T2 20 changes (push_back) 0x3000",
                                         "main 6 expectation fails"));
}

TEST(Trace, CountsALoopThatReadsTheSame) {
  LogBuilder b;
  b.Start(1, 2);
  for (int i = 0; i < 5; ++i) b.Add(EventKind::kAtomicLoad, 1, 10, kFlag, 0);
  b.Add(EventKind::kAtomicStore, 0, 3, kFlag, 1);
  b.Add(EventKind::kExpectationFailed, 0, 6);
  const Finding finding = Build(At(FailureKind::kWrongResult, 0, 0, 0), b.log);
  EXPECT_THAT(Rows(finding),
              ElementsAre("main 2 starts T1", "T1 10 loads ×5 ready 0",
                          "main 3 stores ready 1", "main 6 expectation fails"));
}

TEST(Trace, MarksWhereFailureBecameInevitable) {
  LogBuilder b;
  b.Start(1, 2);
  b.Add(EventKind::kPlainWrite, 1, 10, kCounter, 1, 0);
  b.Add(EventKind::kPlainWrite, 0, 11, kCounter, 2, 1);
  b.Add(EventKind::kFailure, 0, 11, kCounter);
  const Finding finding = BuildFinding(At(FailureKind::kDataRace, 0, kCounter),
                                       b.log, FakeModule(), "", 2);
  EXPECT_EQ(finding.trace->inevitable_from, 1);
}

TEST(Trace, SurvivesLogsThatMakeNoSense) {
  for (int kind = 0; kind <= static_cast<int>(EventKind::kOther); ++kind) {
    for (int failure = 0; failure < 12; ++failure) {
      LogBuilder b;
      b.Add(static_cast<EventKind>(kind), 31, 0, ~uintptr_t{0});
      b.Add(static_cast<EventKind>(kind), 0, 1, 5).stack.clear();
      const Finding finding =
          Build(At(static_cast<FailureKind>(failure), 7, kBlock), b.log);
      if (!finding.trace) continue;
      for (const verdict::Step& step : finding.trace->steps) {
        EXPECT_LT(static_cast<size_t>(step.thread),
                  finding.trace->threads.size());
      }
    }
  }
  EXPECT_FALSE(Build(Failure(), EventLog()).trace.has_value());
}

TEST(HappensBefore, FollowsReleaseAndAcquire) {
  const auto ordered = [](Order store_order, Order load_order) {
    LogBuilder b;
    b.Start(1, 1);
    b.Start(2, 1);
    b.Add(EventKind::kPlainWrite, 1, 1, kCounter);
    Event& store = b.Add(EventKind::kAtomicStore, 1, 2, kFlag, 1);
    store.order = store_order;
    const uint64_t step = store.step;
    Event& load = b.Add(EventKind::kAtomicLoad, 2, 3, kFlag, 1);
    load.order = load_order;
    load.read.writer = 1;
    load.read.writer_step = step;
    b.Add(EventKind::kPlainRead, 2, 4, kCounter);
    return HappensBefore(b.log, HappensBefore::Edges::kAll).Ordered(2, 5);
  };
  EXPECT_TRUE(ordered(Order::kRelease, Order::kAcquire));
  EXPECT_TRUE(ordered(Order::kSeqCst, Order::kSeqCst));
  EXPECT_FALSE(ordered(Order::kRelaxed, Order::kAcquire));
  EXPECT_FALSE(ordered(Order::kRelease, Order::kRelaxed));
}

TEST(HappensBefore, FollowsLocksSemaphoresStartsAndJoins) {
  LogBuilder b;
  b.Add(EventKind::kPlainWrite, 0, 1, kCounter);  // 0
  b.Start(1, 2);                                  // 1
  b.Start(2, 2);                                  // 2
  b.Add(EventKind::kPlainWrite, 1, 3, kCounter);  // 3
  b.Add(EventKind::kLock, 1, 3, kLockA);          // 4
  b.Add(EventKind::kUnlock, 1, 4, kLockA);        // 5
  b.Add(EventKind::kPlainRead, 2, 5, kCounter);   // 6
  b.Add(EventKind::kLock, 2, 6, kLockA);          // 7
  b.Add(EventKind::kPlainRead, 2, 7, kCounter);   // 8
  b.Add(EventKind::kThreadJoin, 0, 8, 2);         // 9
  const HappensBefore order(b.log, HappensBefore::Edges::kAll);
  EXPECT_TRUE(order.Ordered(0, 3));
  EXPECT_FALSE(order.Ordered(3, 6));
  EXPECT_TRUE(order.Ordered(3, 8));
  EXPECT_TRUE(order.Ordered(3, 9));
  const HappensBefore threads(b.log, HappensBefore::Edges::kThreads);
  EXPECT_FALSE(threads.Ordered(3, 8));
  EXPECT_TRUE(threads.Ordered(8, 9));
}

}  // namespace
}  // namespace racelab::model
