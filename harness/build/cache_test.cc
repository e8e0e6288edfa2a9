#include "build/cache.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <iterator>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "build/testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "manifest/test_folder.h"
#include "sandbox/sandbox.h"

namespace racelab::build {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

// A process that holds on to something, until the object goes.
class Holder {
 public:
  // Returns when `work` has.
  explicit Holder(const std::function<void()>& work) {
    int ready[2];
    EXPECT_EQ(pipe2(ready, O_CLOEXEC), 0);
    pid_ = fork();
    if (pid_ == 0) {
      work();
      (void)!write(ready[1], "x", 1);
      for (;;) pause();
    }
    close(ready[1]);
    char byte;
    EXPECT_EQ(read(ready[0], &byte, 1), 1);
    close(ready[0]);
  }
  Holder(const Holder&) = delete;
  Holder& operator=(const Holder&) = delete;
  ~Holder() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }

 private:
  pid_t pid_ = -1;
};

class CacheTest : public testing::Test {
 protected:
  // Whether everything can be opened and made.
  bool Put(const std::string& key, uint64_t max_bytes = 1 << 30) const {
    auto cache = Cache::Open(root_, max_bytes);
    if (!cache.ok()) return false;
    auto staged = cache->Stage();
    return staged.ok() && WriteFile(staged->path() / "file", "content").ok() &&
           cache->Commit(key, *std::move(staged)).ok();
  }
  bool Has(const std::string& key) const {
    return fs::exists(root_ / "entries" / key);
  }
  size_t Staged() const {
    return std::distance(fs::directory_iterator(root_ / "making"), {});
  }
  void Age(const fs::path& folder) const {
    for (const auto& entry : fs::directory_iterator(root_ / folder)) {
      fs::last_write_time(entry,
                          fs::last_write_time(entry) - std::chrono::hours(24));
    }
  }

  const manifest::TestFolder folder_;
  const fs::path root_ = folder_.path() / "cache";
};

// However long a laptop slept while it was made.
TEST_F(CacheTest, ClearsAwayWhatDeadProcessesHaveLeft) {
  {
    const Holder holder([this] {
      const auto cache = Cache::Open(root_, 1);
      new absl::StatusOr<Scratch>(cache->Stage());
    });
    Age("making");
    EXPECT_TRUE(Cache::Open(root_, 1).ok());
    EXPECT_EQ(Staged(), 1);
  }
  EXPECT_TRUE(Cache::Open(root_, 1).ok());
  EXPECT_EQ(Staged(), 0);
}

TEST_F(CacheTest, KeepsItsSizeButForWhatLivingProcessesUse) {
  {
    const Holder holder([this] { EXPECT_TRUE(Put("theirs")); });
    EXPECT_TRUE(Put("ours"));
    Cache::Open(root_, 1)->Evict();
    EXPECT_TRUE(Has("theirs"));
    EXPECT_TRUE(Has("ours"));
  }
  Cache::Open(root_, 1)->Evict();
  EXPECT_FALSE(Has("theirs"));
  EXPECT_TRUE(Has("ours"));
  EXPECT_EQ(Staged(), 0);
}

TEST_F(CacheTest, EvictsTheLeastRecentlyUsedFirst) {
  {
    const Holder holder([this] {
      EXPECT_TRUE(Put("old"));
      EXPECT_TRUE(Put("new"));
      Age("entries");
      EXPECT_TRUE(Cache::Open(root_, 1)->Find("new").has_value());
    });
  }
  Cache::Open(root_, 10)->Evict();  // the content of one takes 7 bytes
  EXPECT_FALSE(Has("old"));
  EXPECT_TRUE(Has("new"));
}

// In a process of its own: a cancelled program stays cancelled.
TEST_F(CacheTest, AnInterruptEndsTheWaitForALock) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto program = [this] {
    const auto cache = Cache::Open(root_, 1);
    const auto held = cache->LockFor("key");
    sandbox::CancelAll();
    const absl::Status waited = cache->LockFor("key").status();
    fs::remove_all(folder_.path());  // which nobody else does here
    _exit(held.ok() && absl::IsCancelled(waited) ? 0 : 1);
  };
  EXPECT_EXIT(program(), testing::ExitedWithCode(0), "");
}

TEST_F(CacheTest, TellsAFullDiskApart) {
  ASSERT_TRUE(MakeFolder(root_).ok());
  const auto said = OnSmallDisk(root_, "64k", [this] {
    const auto cache = Cache::Open(root_, 1);
    if (!cache.ok()) return cache.status();
    const auto staged = cache->Stage();
    if (!staged.ok()) return staged.status();
    return WriteFile(staged->path() / "file", std::string(1 << 20, 'x'));
  });
  EXPECT_THAT(
      said, AllOf(HasSubstr("RESOURCE_EXHAUSTED"), HasSubstr("cannot write")));
}

TEST(ReadFileTest, TakesAnErrorForNoEnd) {
  // A regular file that can be opened, and at 0, where nothing is, not read.
  EXPECT_THAT(ReadFile("/proc/self/mem").status().message(),
              HasSubstr("cannot read"));
}

TEST(ReadFileTest, ReadsMoreThanTheSizeThatAFileSays) {
  const auto status = ReadFile("/proc/self/status");  // of 0 bytes
  ASSERT_TRUE(status.ok()) << status.status();
  EXPECT_THAT(*status, HasSubstr("\nPid:"));
}

}  // namespace
}  // namespace racelab::build
