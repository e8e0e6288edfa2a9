// What the litmus suite does not show of StoreHistories.

#include "runtimes/model/memory/store_histories.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <string>
#include <vector>

namespace racelab::model {
namespace {

using Commute = MemoryModel::Commute;

// Answers what the test has put down, and keeps what was asked.
class Script : public Strategy {
 public:
  void BeginExecution() override {}
  ThreadId ChooseThread(const SchedulePoint&) override { return 0; }
  unsigned Choose(DecisionKind kind, unsigned n, ThreadId,
                  const PendingOp&) override {
    asked.push_back({kind, static_cast<uint8_t>(n), 0});
    if (model != nullptr && kind == DecisionKind::kReadsFrom) {
      for (unsigned i = 0; i < n; ++i) steps.push_back(model->CandidateStep(i));
    }
    return answers.empty() ? 0 : Take();
  }
  bool EndExecution(ExecutionEnd) override { return false; }
  std::string Name() const override { return "script"; }
  bool Exhausted() const override { return false; }

  const MemoryModel* model = nullptr;
  std::vector<unsigned> answers;
  DecisionStream asked;
  std::vector<uint64_t> steps;

 private:
  unsigned Take() {
    const unsigned answer = answers.front();
    answers.erase(answers.begin());
    return answer;
  }
};

class StoreHistoriesTest : public ::testing::Test {
 protected:
  static constexpr int kThreads = 3;

  StoreHistoriesTest() { Begin(); }

  void Begin() {
    for (size_t t = 0; t < kThreads; ++t) {
      current_[t] = {};
      current_[t][t] = 1;
      clocks_[t] = {current_[t].data(), acquire_[t].data(), release_[t].data()};
    }
    script_.model = &model_;
    model_.BeginExecution(kThreads, clocks_.data(), &script_);
  }
  template <typename T>
  AtomicAccess Access(ThreadId thread, T* object, Order order) {
    return {thread, reinterpret_cast<uintptr_t>(object), sizeof(T), order,
            uintptr_t{0x1000} + static_cast<uintptr_t>(thread)};
  }
  template <typename T>
  void Store(ThreadId thread, T* object, uint64_t value,
             Order order = Order::kRelaxed) {
    model_.SetStep(++step_);
    model_.Store(Access(thread, object, order), {value, 0});
  }
  template <typename T>
  uint64_t Load(ThreadId thread, T* object, Order order = Order::kRelaxed) {
    model_.SetStep(++step_);
    return model_.Load(Access(thread, object, order), &info_).lo;
  }

  StoreHistories model_;
  Script script_;
  std::array<std::array<Timestamp, kThreads>, kThreads> current_{}, acquire_{},
      release_{};
  std::array<ThreadClocks, kThreads> clocks_{};
  ReadInfo info_;
  uint64_t step_ = 0;
};

TEST_F(StoreHistoriesTest, MemoryHoldsTheLastStoreInModificationOrder) {
  int32_t x = 7;
  Store(0, &x, 1);
  EXPECT_EQ(x, 1);
  script_.answers = {1};  // before thread 0's
  Store(1, &x, 2);
  EXPECT_EQ(x, 1);
  Store(2, &x, 3);
  EXPECT_EQ(x, 3);
}

TEST_F(StoreHistoriesTest, SaysWhenThereIsMoreToReadThanItOffers) {
  int32_t x = 0;
  for (unsigned i = 1; i < StoreHistories::kMaxCandidates; ++i) {
    Store(0, &x, i);
  }
  Load(1, &x);
  EXPECT_FALSE(model_.clipped());
  Store(0, &x, 1000);
  Load(2, &x);
  EXPECT_TRUE(model_.clipped());
  Begin();
  EXPECT_FALSE(model_.clipped());
}

TEST_F(StoreHistoriesTest, AReadSaysWhereItsValueIsFrom) {
  int32_t x = 7;
  Store(0, &x, 1);
  Store(0, &x, 2);
  script_.answers = {1};
  EXPECT_EQ(Load(1, &x), 1u);
  EXPECT_TRUE(info_.stale);
  EXPECT_EQ(info_.writer, 0);
  EXPECT_EQ(info_.writer_step, 1u);
  EXPECT_EQ(info_.writer_pc, 0x1000u);
  EXPECT_TRUE(info_.changed_since_last_read);
  script_.answers = {1};
  EXPECT_EQ(Load(1, &x), 1u);
  EXPECT_FALSE(info_.changed_since_last_read);
  EXPECT_EQ(Load(1, &x), 2u);
  EXPECT_FALSE(info_.stale);
  EXPECT_TRUE(info_.changed_since_last_read);
  script_.answers = {2};
  EXPECT_EQ(Load(2, &x), 7u);
  EXPECT_EQ(info_.writer, -1);
  EXPECT_EQ(info_.writer_step, 0u);
}

TEST_F(StoreHistoriesTest, CandidatesHaveTheStepsOfTheirStores) {
  int32_t x = 0;
  Store(0, &x, 1);
  Store(0, &x, 2);
  Load(1, &x);
  EXPECT_THAT(script_.steps, ::testing::ElementsAre(2, 1, 0));
  EXPECT_EQ(model_.CandidateStep(3), MemoryModel::kUnknownStep);
}

TEST_F(StoreHistoriesTest, EverySizeKeepsItsNeighbours) {
  alignas(16) unsigned char bytes[32];
  std::memset(bytes, 0xee, sizeof(bytes));
  const auto store = [&](size_t offset, uint32_t size, Value value) {
    model_.Store({0, reinterpret_cast<uintptr_t>(bytes + offset), size,
                  Order::kRelease, 0},
                 value);
    const Value read =
        model_.Load({0, reinterpret_cast<uintptr_t>(bytes + offset), size,
                     Order::kAcquire, 0},
                    &info_);
    return read;
  };
  const Value all{0x1112131415161718, 0x2122232425262728};
  EXPECT_EQ(store(0, 1, all), (Value{0x18, 0}));
  EXPECT_EQ(bytes[1], 0xee);
  EXPECT_EQ(store(2, 2, all), (Value{0x1718, 0}));
  EXPECT_EQ(bytes[4], 0xee);
  EXPECT_EQ(store(4, 4, all), (Value{0x15161718, 0}));
  EXPECT_EQ(store(8, 8, all), (Value{0x1112131415161718, 0}));
  EXPECT_EQ(bytes[16], 0xee);
  EXPECT_EQ(bytes[1], 0xee);
  EXPECT_EQ(store(16, 16, all), all);
  EXPECT_EQ(bytes[31], 0x21);
}

TEST_F(StoreHistoriesTest, AnAccessOfAnotherSizeStartsFromMemory) {
  alignas(8) uint32_t halves[2] = {1, 2};
  Store(0, &halves[0], 5);
  Store(0, &halves[1], 6);
  auto* whole = reinterpret_cast<uint64_t*>(halves);
  EXPECT_EQ(Load(1, whole), 0x600000005u);
  Store(1, whole, 0x800000007u);
  EXPECT_EQ(Load(2, &halves[1]), 8u);
}

TEST_F(StoreHistoriesTest, UninstrumentedAndPlainStoresStartAnew) {
  int32_t x = 0;
  Store(0, &x, 1);
  x = 9;
  EXPECT_EQ(Load(1, &x), 9u);
  Store(1, &x, 2);
  model_.PlainStore(0, reinterpret_cast<uintptr_t>(&x), sizeof(x));
  x = 2;
  EXPECT_EQ(Load(2, &x), 2u);
  EXPECT_EQ(info_.writer, -1);
}

TEST_F(StoreHistoriesTest, ForgottenMemoryHasNoHistory) {
  alignas(16) int32_t x[64] = {};
  for (int32_t& element : x) Store(0, &element, 1);
  model_.Forget(reinterpret_cast<uintptr_t>(&x[8]), 32 * sizeof(int32_t));
  for (int i = 0; i < 64; ++i) {
    script_.asked.clear();
    EXPECT_EQ(Load(1, &x[i]), 1u);
    EXPECT_EQ(script_.asked.empty(), i >= 8 && i < 40) << i;
  }
  EXPECT_TRUE(model_.MayHold(reinterpret_cast<uintptr_t>(&x[63]), 1));
  EXPECT_FALSE(model_.MayHold(reinterpret_cast<uintptr_t>(&x[64]), 1));
  model_.Forget(0, ~size_t{0});
  script_.asked.clear();
  EXPECT_EQ(Load(2, &x[0]), 1u);
  EXPECT_TRUE(script_.asked.empty());
}

TEST_F(StoreHistoriesTest, ManyObjectsAndLongHistories) {
  std::vector<uint64_t> x(5000, 3);
  for (uint64_t& element : x) Store(0, &element, 4);
  for (uint64_t& element : x) EXPECT_EQ(Load(0, &element), 4u);
  for (uint64_t i = 0; i < 5000; ++i) Store(0, &x[0], i);
  EXPECT_EQ(Load(1, &x[0]), 4999u);
  EXPECT_EQ(script_.asked.back().alternatives, 255);
  EXPECT_EQ(Load(0, &x[0]), 4999u);
}

TEST_F(StoreHistoriesTest, ExecutionsDoNotSeeEachOther) {
  int32_t x = 0;
  Store(0, &x, 1);
  model_.Fence(0, Order::kRelease);
  model_.Fence(0, Order::kSeqCst);
  x = 5;
  Begin();
  EXPECT_EQ(Load(1, &x), 5u);
  EXPECT_TRUE(script_.asked.empty());
  Store(0, &x, 6);
  EXPECT_EQ(Load(1, &x, Order::kAcquire), 6u);
  // Last execution's fence does not make this store a release.
  EXPECT_EQ(current_[1][0], 0u);
}

TEST_F(StoreHistoriesTest, SeqCstAloneAsksNothing) {
  int32_t x = 0;
  Store(0, &x, 1, Order::kSeqCst);
  Store(1, &x, 2, Order::kSeqCst);
  EXPECT_EQ(Load(2, &x, Order::kSeqCst), 2u);
  EXPECT_TRUE(script_.asked.empty());
}

TEST_F(StoreHistoriesTest, AnExchangeDoesNotCountItsFailureOrder) {
  int32_t x = 0;
  Store(0, &x, 1, Order::kSeqCst);
  bool stored = false;
  const Value old_value = model_.Rmw(
      Access(1, &x, Order::kSeqCst), Order::kRelaxed,
      [](Value, const void*, Value* new_value) {
        *new_value = {2, 0};
        return true;
      },
      nullptr, &stored, &info_);
  EXPECT_TRUE(stored);
  EXPECT_EQ(old_value.lo, 1u);
  EXPECT_EQ(Load(2, &x, Order::kSeqCst), 2u);
  EXPECT_TRUE(script_.asked.empty());
}

PendingOp Op(OpKind kind, uintptr_t object, Order order = Order::kRelaxed) {
  return {.kind = kind, .order = order, .size = 4, .object = object};
}

TEST(StoreHistoriesCommutes, DependsOnObjectKindAndOrder) {
  const StoreHistories model;
  const auto ask = [&](OpKind a, OpKind b, Order order) {
    return model.Commutes(Op(a, 0x100, order), Op(b, 0x100, order));
  };
  using K = OpKind;
  const Order weak = Order::kRelaxed, strong = Order::kSeqCst;
  EXPECT_EQ(ask(K::kLoad, K::kLoad, strong), Commute::kYes);
  EXPECT_EQ(ask(K::kStore, K::kStore, weak), Commute::kYes);
  EXPECT_EQ(ask(K::kStore, K::kStore, strong), Commute::kNo);
  EXPECT_EQ(ask(K::kStore, K::kLoad, weak), Commute::kIfNotReadFrom);
  EXPECT_EQ(ask(K::kStore, K::kLoad, strong), Commute::kIfNotReadFrom);
  EXPECT_EQ(ask(K::kLoad, K::kStore, weak), Commute::kYes);
  EXPECT_EQ(ask(K::kLoad, K::kStore, strong), Commute::kNo);
  EXPECT_EQ(ask(K::kRmw, K::kRmw, weak), Commute::kNo);
  EXPECT_EQ(ask(K::kRmw, K::kLoad, weak), Commute::kIfNotReadFrom);
  EXPECT_EQ(ask(K::kStore, K::kRmw, weak), Commute::kIfNotReadFrom);
  EXPECT_EQ(ask(K::kLock, K::kLock, weak), Commute::kNo);
  EXPECT_EQ(ask(K::kLockShared, K::kLockShared, weak), Commute::kYes);
  EXPECT_EQ(ask(K::kLockShared, K::kUnlockShared, weak), Commute::kNo);
  EXPECT_EQ(ask(K::kLock, K::kStore, weak), Commute::kNo);
  EXPECT_EQ(ask(K::kOther, K::kLoad, weak), Commute::kNo);
  EXPECT_EQ(ask(K::kFence, K::kStore, strong), Commute::kYes);

  EXPECT_EQ(model.Commutes(Op(K::kRmw, 0x100), Op(K::kRmw, 0x104)),
            Commute::kYes);
  EXPECT_EQ(model.Commutes(Op(K::kStore, 0x100), Op(K::kStore, 0x102)),
            Commute::kNo);
  PendingOp wait = Op(K::kWait, 0x200);
  wait.object2 = 0x100;
  EXPECT_EQ(model.Commutes(wait, Op(K::kLock, 0x100)), Commute::kNo);
  EXPECT_EQ(model.Commutes(wait, Op(K::kLock, 0x300)), Commute::kYes);
}

}  // namespace
}  // namespace racelab::model
