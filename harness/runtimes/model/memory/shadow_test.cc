#include "runtimes/model/memory/shadow.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>

namespace racelab::model {
namespace {

constexpr uintptr_t kAddress = 0x7f0000001000;
constexpr uintptr_t kPc = 0x400123;

class ShadowTest : public ::testing::Test {
 protected:
  static constexpr int kThreads = 3;

  ShadowTest() { Begin(); }

  void Begin() {
    for (int t = 0; t < kThreads; ++t) {
      current_[t] = {};
      current_[t][t] = 1;
      clocks_[t].current = current_[t].data();
    }
    shadow_.BeginExecution(kThreads, clocks_.data());
  }
  // What `from` does up to here happens before what `to` does from here on.
  void Sync(ThreadId from, ThreadId to) {
    ++current_[from][from];
    for (int t = 0; t < kThreads; ++t) {
      current_[to][t] = std::max(current_[to][t], current_[from][t]);
    }
    ++current_[to][to];
  }
  bool Read(ThreadId t, uintptr_t address, size_t size = 4) {
    return shadow_.Read(t, address, size, kPc + t, ++step_, &info_);
  }
  bool Write(ThreadId t, uintptr_t address, size_t size = 4) {
    return shadow_.Write(t, address, size, kPc + t, ++step_, &info_);
  }
  bool AtomicRead(ThreadId t, uintptr_t address, size_t size = 4) {
    ++current_[t][t];
    return shadow_.AtomicRead(t, address, size, kPc + t, ++step_, &info_);
  }
  bool AtomicWrite(ThreadId t, uintptr_t address, size_t size = 4) {
    ++current_[t][t];
    return shadow_.AtomicWrite(t, address, size, kPc + t, ++step_, &info_);
  }
  bool Free(ThreadId t, uintptr_t address, size_t size) {
    return shadow_.MarkFreed(t, address, size, kPc + t, ++step_, &info_);
  }

  std::array<std::array<Timestamp, kThreads>, kThreads> current_;
  std::array<ThreadClocks, kThreads> clocks_;
  Shadow shadow_;
  RaceInfo info_;
  uint64_t step_ = 0;
};

TEST_F(ShadowTest, ConcurrentWritesRaceAndTheEarlierIsNamed) {
  EXPECT_FALSE(Write(0, kAddress));
  ASSERT_TRUE(Write(1, kAddress));
  EXPECT_EQ(info_.kind, RaceInfo::Kind::kRace);
  EXPECT_EQ(info_.thread, 0);
  EXPECT_EQ(info_.pc, kPc);
  EXPECT_EQ(info_.step, 1u);
  EXPECT_TRUE(info_.is_write);
  EXPECT_FALSE(info_.is_atomic);
  EXPECT_EQ(info_.address, kAddress);
  EXPECT_EQ(info_.size, 4u);
}

TEST_F(ShadowTest, OrderedAccessesDoNotRace) {
  EXPECT_FALSE(Write(0, kAddress));
  Sync(0, 1);
  EXPECT_FALSE(Read(1, kAddress));
  EXPECT_FALSE(Write(1, kAddress));
  Sync(1, 2);
  EXPECT_FALSE(Write(2, kAddress));
}

TEST_F(ShadowTest, AnAccessAfterTheReleaseIsNotCovered) {
  Sync(0, 1);
  EXPECT_FALSE(Write(0, kAddress));
  EXPECT_TRUE(Read(1, kAddress));
}

TEST_F(ShadowTest, ReadThenConcurrentWriteRaces) {
  EXPECT_FALSE(Read(0, kAddress));
  ASSERT_TRUE(Write(1, kAddress));
  EXPECT_FALSE(info_.is_write);
}

TEST_F(ShadowTest, ConcurrentReadsAreAllRemembered) {
  EXPECT_FALSE(Read(0, kAddress));
  EXPECT_FALSE(Read(1, kAddress));
  Sync(1, 2);
  ASSERT_TRUE(Write(2, kAddress));
  EXPECT_EQ(info_.thread, 0);
  Sync(0, 2);
  EXPECT_FALSE(Write(2, kAddress));
  Sync(2, 0);
  EXPECT_FALSE(Write(0, kAddress));
}

TEST_F(ShadowTest, NeighboursInOneWordDoNotRace) {
  EXPECT_FALSE(Write(0, kAddress, 4));
  EXPECT_FALSE(Write(1, kAddress + 4, 4));
  EXPECT_FALSE(Write(0, kAddress, 4));
  EXPECT_FALSE(Write(1, kAddress + 4, 4));
  for (int byte = 0; byte < 8; ++byte) {
    EXPECT_FALSE(Write(byte % 3, kAddress + 16 + byte, 1));
  }
  for (int byte = 0; byte < 8; ++byte) {
    EXPECT_FALSE(Write(byte % 3, kAddress + 16 + byte, 1));
  }
}

TEST_F(ShadowTest, OneCommonByteIsARace) {
  EXPECT_FALSE(Write(0, kAddress, 8));
  ASSERT_TRUE(Write(1, kAddress + 7, 1));
  EXPECT_EQ(info_.address, kAddress + 7);
  EXPECT_EQ(info_.size, 1u);
  EXPECT_FALSE(Write(0, kAddress + 16, 2));
  ASSERT_TRUE(Read(1, kAddress + 10, 8));
  EXPECT_EQ(info_.address, kAddress + 16);
  EXPECT_EQ(info_.size, 2u);
}

TEST_F(ShadowTest, PartsKeepWhatTheWholeKnew) {
  EXPECT_FALSE(Read(0, kAddress, 8));
  EXPECT_FALSE(Read(1, kAddress, 8));
  EXPECT_FALSE(Read(2, kAddress + 2, 2));
  ASSERT_TRUE(Write(2, kAddress + 6, 2));
  EXPECT_EQ(info_.thread, 0);
  Sync(0, 2);
  ASSERT_TRUE(Write(2, kAddress + 6, 2));
  EXPECT_EQ(info_.thread, 1);
  ASSERT_TRUE(Write(1, kAddress + 3, 1));
}

TEST_F(ShadowTest, LongRangesAreCheckedToTheirEnd) {
  EXPECT_FALSE(Write(0, kAddress + 9000, 1));
  ASSERT_TRUE(Read(1, kAddress + 3, 8998));
  EXPECT_EQ(info_.address, kAddress + 9000);
  EXPECT_FALSE(Read(1, kAddress + 3, 8997));
  EXPECT_FALSE(Read(1, kAddress + 9000, 0));
}

TEST_F(ShadowTest, AtomicsDoNotRaceWithEachOther) {
  EXPECT_FALSE(AtomicWrite(0, kAddress));
  EXPECT_FALSE(AtomicWrite(1, kAddress));
  EXPECT_FALSE(AtomicRead(2, kAddress));
  EXPECT_FALSE(AtomicWrite(0, kAddress));
}

TEST_F(ShadowTest, AtomicAndPlainRace) {
  EXPECT_FALSE(AtomicWrite(0, kAddress));
  ASSERT_TRUE(Read(1, kAddress));
  EXPECT_TRUE(info_.is_atomic);
  EXPECT_TRUE(info_.is_write);
  EXPECT_FALSE(AtomicRead(0, kAddress + 8));
  EXPECT_FALSE(Read(1, kAddress + 8));
  ASSERT_TRUE(Write(1, kAddress + 8));
  EXPECT_TRUE(info_.is_atomic);
  EXPECT_FALSE(info_.is_write);
  EXPECT_FALSE(Write(0, kAddress + 16));
  EXPECT_TRUE(AtomicRead(1, kAddress + 16));
  EXPECT_FALSE(Read(0, kAddress + 24));
  EXPECT_FALSE(AtomicRead(1, kAddress + 24));
  EXPECT_TRUE(AtomicWrite(1, kAddress + 24));
}

TEST_F(ShadowTest, EveryThreadsAtomicStoreIsRemembered) {
  EXPECT_FALSE(AtomicWrite(0, kAddress));
  EXPECT_FALSE(AtomicWrite(1, kAddress));
  Sync(1, 2);
  ASSERT_TRUE(Read(2, kAddress));
  EXPECT_EQ(info_.thread, 0);
  Sync(0, 2);
  EXPECT_FALSE(Read(2, kAddress));
}

TEST_F(ShadowTest, AnAtomicAccessAfterOrderedInitializationIsFine) {
  EXPECT_FALSE(Write(0, kAddress));
  Sync(0, 1);
  Sync(0, 2);
  EXPECT_FALSE(AtomicWrite(1, kAddress));
  EXPECT_FALSE(AtomicWrite(2, kAddress));
  EXPECT_FALSE(AtomicRead(1, kAddress));
}

TEST_F(ShadowTest, FreedMemoryIsToldApart) {
  EXPECT_FALSE(Write(0, kAddress, 8));
  EXPECT_FALSE(Free(0, kAddress, 24));
  ASSERT_TRUE(Read(0, kAddress + 16, 4));
  EXPECT_EQ(info_.kind, RaceInfo::Kind::kUseAfterFree);
  EXPECT_EQ(info_.thread, 0);
  EXPECT_EQ(info_.step, 2u);
  Sync(0, 1);
  EXPECT_TRUE(Write(1, kAddress, 4));
  EXPECT_TRUE(AtomicWrite(1, kAddress, 4));
  EXPECT_TRUE(AtomicRead(1, kAddress, 4));
  ASSERT_TRUE(Free(1, kAddress, 24));
  EXPECT_EQ(info_.kind, RaceInfo::Kind::kUseAfterFree);
  EXPECT_FALSE(Read(1, kAddress + 24, 4));
  shadow_.MarkAllocated(kAddress, 24);
  EXPECT_FALSE(Write(1, kAddress, 8));
}

TEST_F(ShadowTest, FreeRacesWithAnUnorderedAccess) {
  EXPECT_FALSE(Read(0, kAddress, 8));
  ASSERT_TRUE(Free(1, kAddress, 8));
  EXPECT_EQ(info_.kind, RaceInfo::Kind::kRace);
  EXPECT_EQ(info_.thread, 0);
}

TEST_F(ShadowTest, WholePagesAreFreedAndAllocated) {
  EXPECT_FALSE(Free(0, kAddress - 8, 3 * 4096));
  EXPECT_TRUE(Read(0, kAddress - 8));
  EXPECT_TRUE(Write(1, kAddress + 100));
  EXPECT_TRUE(Read(1, kAddress + 2 * 4096));
  EXPECT_FALSE(Read(1, kAddress + 3 * 4096 - 8));
  shadow_.MarkAllocated(kAddress - 8, 4096);
  EXPECT_FALSE(Read(0, kAddress - 8));
  EXPECT_FALSE(Write(1, kAddress + 100));
  EXPECT_TRUE(Read(1, kAddress + 4096));
}

TEST_F(ShadowTest, PartOfAWordCanBeFreedAndAllocated) {
  EXPECT_FALSE(Write(0, kAddress, 8));
  EXPECT_FALSE(Free(0, kAddress + 4, 4));
  EXPECT_FALSE(Read(0, kAddress, 4));
  EXPECT_TRUE(Read(0, kAddress, 8));
  shadow_.MarkAllocated(kAddress + 4, 4);
  EXPECT_FALSE(Read(0, kAddress, 8));
  EXPECT_FALSE(Read(1, kAddress + 4, 4));
  EXPECT_TRUE(Read(1, kAddress, 4));
}

TEST_F(ShadowTest, ResetMemoryIsFresh) {
  EXPECT_FALSE(Write(0, kAddress, 8));
  EXPECT_FALSE(Write(0, kAddress + 8192, 8));
  shadow_.Reset(kAddress, 3 * 4096);
  EXPECT_FALSE(Write(1, kAddress, 8));
  EXPECT_FALSE(Write(1, kAddress + 8192, 8));
}

TEST_F(ShadowTest, ExecutionsStartAfreshAndPagesAreKept) {
  EXPECT_FALSE(Write(0, kAddress));
  EXPECT_FALSE(Free(0, kAddress + 4096, 4096));
  const size_t pages = shadow_.pages();
  Begin();
  EXPECT_FALSE(Write(1, kAddress));
  EXPECT_FALSE(Write(1, kAddress + 4096));
  EXPECT_EQ(shadow_.pages(), pages);
}

TEST_F(ShadowTest, WhoHadTheLastAccessIsComparedAgainAfterAnother) {
  EXPECT_FALSE(Write(0, kAddress, 8));
  EXPECT_FALSE(Write(0, kAddress, 8));
  Sync(0, 1);
  EXPECT_FALSE(Read(1, kAddress, 8));
  EXPECT_FALSE(Write(1, kAddress, 8));
  ASSERT_TRUE(Write(0, kAddress, 8));
  EXPECT_EQ(info_.thread, 1);
  EXPECT_TRUE(Read(0, kAddress, 8));
  Sync(1, 0);
  EXPECT_FALSE(Read(0, kAddress, 8));
  EXPECT_FALSE(Read(1, kAddress, 8));
  ASSERT_TRUE(Write(1, kAddress, 8));
  EXPECT_EQ(info_.thread, 0);
}

TEST_F(ShadowTest, AtomicsThatShareAWordAreApart) {
  EXPECT_FALSE(AtomicWrite(0, kAddress, 4));
  EXPECT_FALSE(AtomicWrite(1, kAddress + 4, 4));
  EXPECT_FALSE(AtomicRead(1, kAddress, 4));
  EXPECT_FALSE(AtomicRead(0, kAddress + 4, 4));
  Sync(0, 2);
  EXPECT_FALSE(Read(2, kAddress, 4));
  ASSERT_TRUE(Write(2, kAddress, 4));
  EXPECT_EQ(info_.thread, 1);
  ASSERT_TRUE(Read(2, kAddress, 8));
  EXPECT_EQ(info_.thread, 1);
  EXPECT_EQ(info_.address, kAddress + 4);
  EXPECT_EQ(info_.size, 4u);
  Sync(1, 2);
  EXPECT_FALSE(Write(2, kAddress, 8));
}

TEST_F(ShadowTest, AConflictLeavesTheStateAlone) {
  EXPECT_FALSE(Write(0, kAddress));
  EXPECT_TRUE(Write(1, kAddress));
  EXPECT_FALSE(Write(0, kAddress));
}

}  // namespace
}  // namespace racelab::model
