// One process scenario for each outcome of runner.process, and its twin that is
// right.

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <atomic>
#include <string>

#include "labkit/process.h"

namespace {

TEST(Family, ChildsAreIsolatedAndTellByExitCode) {
  int value = 1;
  labkit::Shared<int> shared(1);
  labkit::Child child([&] {
    value = 2;
    *shared = 2;
    return 7;
  });
  EXPECT_EQ(child.Wait().code, 7);
  EXPECT_EQ(value, 1);
  EXPECT_EQ(*shared, 2);
}

TEST(Family, ExpectsTheWrongThing) {
  labkit::Child child([] { return 1; });
  EXPECT_EQ(child.Wait().code, 2) << "the child said otherwise";
}

TEST(Family, LeavesAZombie) {
  if (fork() == 0) _exit(0);
}

TEST(Family, LeavesAChild) {
  if (fork() == 0) {
    for (;;) pause();
  }
}

TEST(Family, LeavesAGrandchild) {
  labkit::Child child([] {
    if (fork() == 0) {
      for (;;) pause();
    }
  });
  EXPECT_TRUE(child.Wait().ok());
}

TEST(Family, LeavesADescriptor) {
  int fds[2];
  ASSERT_EQ(pipe(fds), 0);
  close(fds[0]);
}

TEST(Family, LeavesAMapping) {
  ASSERT_NE(mmap(nullptr, 4096, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0),
            MAP_FAILED);
}

TEST(Family, LeavesAName) {
  const int fd = shm_open("/left-behind", O_CREAT | O_RDWR, 0600);
  ASSERT_GE(fd, 0);
  close(fd);
}

TEST(Family, TidiesUp) {
  labkit::Pipe pipe;
  const int fd = shm_open("/tidied-up", O_CREAT | O_RDWR, 0600);
  ASSERT_GE(fd, 0);
  close(fd);
  shm_unlink("/tidied-up");
  labkit::Child child([] {});
  EXPECT_TRUE(child.Wait().ok());
}

TEST(Family, ChildComesBack) {
  if (fork() == 0) return;
  wait(nullptr);
}

TEST(Family, ReadsFromAPipeThatItHoldsOpen) {
  labkit::Pipe pipe;
  char byte;
  EXPECT_EQ(read(pipe.read_end(), &byte, 1), 0);
}

TEST(Family, ReadsFromAPipeThatItHasClosed) {
  labkit::Pipe pipe;
  pipe.CloseWrite();
  char byte;
  EXPECT_EQ(read(pipe.read_end(), &byte, 1), 0);
}

// Each with an open file description of its own: the second waits for the
// first.
TEST(Family, WaitsForAFileThatItHasLocked) {
  const int mine = memfd_create("file", 0);
  const int again =
      open(("/proc/self/fd/" + std::to_string(mine)).c_str(), O_RDWR);
  EXPECT_EQ(flock(mine, LOCK_EX), 0);
  EXPECT_EQ(flock(again, LOCK_EX), 0);
}

TEST(Family, WaitsForARecordThatItsParentHasLocked) {
  const int file = memfd_create("file", 0);
  struct flock record = {};
  record.l_type = F_WRLCK;
  EXPECT_EQ(fcntl(file, F_SETLKW, &record), 0);
  labkit::Child child([&] { return fcntl(file, F_SETLKW, &record); });
  child.Wait();
}

TEST(Family, LocksAFileThatNobodyElseHas) {
  const int file = memfd_create("file", 0);
  EXPECT_EQ(flock(file, LOCK_EX), 0);
  EXPECT_EQ(flock(file, LOCK_UN), 0);
  labkit::Child child([file] { return flock(file, LOCK_EX); });
  EXPECT_TRUE(child.Wait().ok());
  close(file);
}

TEST(Family, WaitsLongForAChildThatSleeps) {
  labkit::Child child([] { usleep(2500000); });
  EXPECT_TRUE(child.Wait().ok());
}

TEST(Family, SpinsForEver) {
  static std::atomic<int> spins{0};
  for (;;) spins.fetch_add(1, std::memory_order_relaxed);
}

TEST(Family, TransfersArriveInPieces) {
  labkit::Pipe pipe;
  labkit::ShortIo trouble(3, 2);
  EXPECT_EQ(write(pipe.write_end(), "abcdef", 6), -1);
  EXPECT_EQ(errno, EINTR);
  EXPECT_EQ(write(pipe.write_end(), "abcdef", 6), 3);
}

TEST(Family, DiesAtTheArmedPointOnly) {
  labkit::Shared<int> passed(0);
  labkit::Child child([&] {
    labkit::KillAt trouble("second", 2);
    for (int i = 0; i < 5; ++i) {
      labkit::KillPoint("first");
      ++*passed;
      labkit::KillPoint("second");
    }
  });
  EXPECT_EQ(child.Wait().signal, SIGKILL);
  EXPECT_EQ(*passed, 2);
  labkit::KillPoint("second");
}

// Where nobody inlines it.
[[gnu::noinline]] void Crash(volatile int* nowhere) { *nowhere = 1; }

TEST(Family, Crashes) { Crash(nullptr); }

TEST(Family, ExpectsMoreOfAChildThatCrashes) {
  const pid_t child = fork();
  if (child == 0) {
    Crash(nullptr);
    _exit(0);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGSEGV);
  EXPECT_TRUE(WIFEXITED(status)) << "it should have gone on";
}

TEST(Family, Leaves) { _exit(0); }

TEST(Family, CannotReachItsRunnersMemory) {
  const std::string memory = "/proc/" + std::to_string(getppid()) + "/mem";
  EXPECT_LT(open(memory.c_str(), O_RDWR), 0);
}

// To every descriptor, what the runner's child says at the end of a test.
TEST(Family, SaysItselfThatItHasEnded) {
  for (int fd = 3; fd < 1024; ++fd) (void)!write(fd, "O", 1);
  _exit(0);
}

}  // namespace
