#include "sandbox/sandbox.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <functional>
#include <iostream>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sandbox/launch.h"

namespace racelab::sandbox {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using End = RunResult::End;

constexpr char kProgram[] = "/misbehave";

Command Misbehave(std::vector<std::string> arguments) {
  Command command;
  command.argv = {kProgram};
  for (std::string& argument : arguments) {
    command.argv.push_back(std::move(argument));
  }
  command.binds = {{.host = RACELAB_MISBEHAVE, .inside = kProgram}};
  command.limits.wall_seconds = 5;
  command.limits.memory_bytes = 256 << 20;
  return command;
}

RunResult MustRun(const Command& command) {
  const auto result = sandbox::Run(command);
  EXPECT_TRUE(result.ok()) << result.status();
  return result.value_or(RunResult{});
}

// A folder that everybody may write to, gone with the test.
class Folder {
 public:
  Folder() {
    char name[] = "/tmp/racelab-sandbox-test-XXXXXX";
    path_ = mkdtemp(name);
    chmod(name, 0777);
  }
  ~Folder() { (void)!system(("rm -rf " + path_).c_str()); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

bool IsLocked(const std::string& path) {
  const int fd = open(path.c_str(), O_RDWR);
  const bool locked = fd >= 0 && lockf(fd, F_TEST, 0) != 0;
  close(fd);
  return locked;
}

TEST(Run, TellsTheExitCode) {
  const RunResult result = MustRun(Misbehave({"exit", "139"}));
  EXPECT_EQ(result.end, End::kExited);
  EXPECT_EQ(result.code, 139);
}

TEST(Run, TellsASignalFromAnExitCode) {
  const Command command = Misbehave({"signal", "11"});
  const RunResult result = MustRun(command);
  EXPECT_EQ(result.end, End::kSignalled);
  EXPECT_EQ(result.code, SIGSEGV);
  EXPECT_EQ(Describe(result, command.limits), "killed by signal 11 (SIGSEGV)");
}

TEST(Run, GivesInputAndKeepsOutput) {
  Command command = Misbehave({"cat"});
  command.stdin_data = "hello";
  const RunResult result = MustRun(command);
  EXPECT_TRUE(result.ok());
  EXPECT_EQ(result.out, "hello");
  EXPECT_THAT(result.err, IsEmpty());
}

TEST(Run, CarriesTheChannelBothWays) {
  Command command = Misbehave({"echo"});
  std::string got;
  command.channel_input = std::string(50'000, 'a') + "\n";
  command.on_channel = [&got](std::string_view chunk) {
    got.append(chunk);
    return true;
  };
  EXPECT_TRUE(MustRun(command).ok());
  EXPECT_EQ(got, command.channel_input);
}

TEST(Run, StopsWhenTheChannelsReaderSaysSo) {
  Command command = Misbehave({"echo"});
  command.channel_input = "x\n";
  command.on_channel = [](std::string_view) { return false; };
  EXPECT_EQ(MustRun(command).end, End::kStopped);
}

TEST(Run, PassesNothingOnByChance) {
  EXPECT_TRUE(MustRun(Misbehave({"environment"})).ok());
  const int leaked = open("/dev/null", O_RDONLY);  // not closed on exec
  EXPECT_EQ(MustRun(Misbehave({"descriptors"})).code, 0);
  close(leaked);
}

TEST(Run, DropsRoot) { EXPECT_TRUE(MustRun(Misbehave({"uid"})).ok()); }

TEST(Run, EndsWhoWaitsAtTheWallLimit) {
  Command command = Misbehave({"wait"});
  command.limits.wall_seconds = 0.3;
  const RunResult result = MustRun(command);
  EXPECT_EQ(result.end, End::kWallLimit);
  EXPECT_GE(result.wall_seconds, 0.3);  // not before it, however fast we are
}

TEST(Run, EndsALoopAtTheCpuLimit) {
  for (const char* deed : {"spin", "spin-deaf"}) {
    Command command = Misbehave({deed});
    command.limits.cpu_seconds = 0.3;
    const RunResult result = MustRun(command);
    EXPECT_EQ(result.end, End::kCpuLimit) << deed;
    EXPECT_GE(result.cpu_seconds, 0.3);
  }
}

TEST(Run, EndsWhoFillsMemory) {
  for (const char* deed : {"fill-private", "fill-shared"}) {
    Command command = Misbehave({deed});
    command.limits.wall_seconds = 60;  // the machine may be busy
    const RunResult result = MustRun(command);
    EXPECT_EQ(result.end, End::kMemoryLimit) << deed;
    EXPECT_GT(result.peak_memory, command.limits.memory_bytes);
  }
}

TEST(Run, GivesOnlySoMuchRoomForFiles) {
  EXPECT_EQ(MustRun(Misbehave({"fill-files"})).code, 4);
}

TEST(Run, EndsWhoPrintsWithoutEnd) {
  Command command = Misbehave({"print"});
  command.limits.output_bytes = 1 << 20;
  const RunResult result = MustRun(command);
  EXPECT_EQ(result.end, End::kOutputLimit);
  EXPECT_EQ(result.out.size(), command.limits.keep_output);
  EXPECT_TRUE(result.out_truncated);
}

TEST(Run, RefusesProcessesUnlessAllowed) {
  Command command = Misbehave({"fork"});
  EXPECT_EQ(MustRun(command).code, 5);
  command.allow_processes = true;
  EXPECT_EQ(MustRun(command).code, 0);
}

TEST(Run, HoldsAForkBombUntilItsLimit) {
  Command command = Misbehave({"fork-bomb"});
  command.allow_processes = true;
  command.limits.cpu_seconds = 1;
  command.limits.processes = 20;
  const RunResult result = MustRun(command);
  EXPECT_EQ(result.end, End::kCpuLimit);
  EXPECT_LT(result.peak_memory, 20 * (4 << 20));
}

TEST(Run, AllowsThreadsUpToTheLimit) {
  Command command = Misbehave({"threads", "30"});
  command.limits.processes = 200;
  EXPECT_EQ(MustRun(command).code, 0);
  command.argv.back() = "100000";
  command.limits.processes = 1;
  EXPECT_EQ(MustRun(command).code, 50);
}

TEST(Run, LeavesNoDaemonBehind) {
  const Folder folder;
  const std::string lock = folder.path() + "/lock";
  for (const bool no_sandbox : {false, true}) {
    Command command = Misbehave({"daemon", lock});
    command.allow_processes = true;
    command.no_sandbox = no_sandbox;
    if (no_sandbox) command.argv[0] = RACELAB_MISBEHAVE;
    command.binds.push_back({.host = folder.path(), .writable = true});
    EXPECT_EQ(MustRun(command).code, 0);
    EXPECT_EQ(access(lock.c_str(), F_OK), 0);
    EXPECT_FALSE(IsLocked(lock)) << "no_sandbox: " << no_sandbox;
    unlink(lock.c_str());
  }
}

TEST(Run, LeavesNoDaemonBehindWhenInterruptedByALimit) {
  const Folder folder;
  const std::string lock = folder.path() + "/lock";
  Command command = Misbehave({"print"});
  command.argv = {"/bin/sh", "-c",
                  "/misbehave daemon " + lock + "; /misbehave print"};
  command.allow_processes = true;
  command.limits.wall_seconds = 60;
  // Reached only when the daemon is there, on the slowest machine too.
  command.limits.output_bytes = 1 << 20;
  command.binds.push_back({.host = folder.path(), .writable = true});
  EXPECT_EQ(MustRun(command).end, End::kOutputLimit);
  EXPECT_EQ(access(lock.c_str(), F_OK), 0);
  EXPECT_FALSE(IsLocked(lock));
}

TEST(Run, HidesTheMachinesFiles) {
  const Folder folder;
  const std::string secret = folder.path() + "/secret";
  std::ofstream(secret) << "x";
  EXPECT_EQ(MustRun(Misbehave({"read", secret})).code, 31);
  EXPECT_EQ(MustRun(Misbehave({"read", "/etc/passwd"})).code, 31);
  Command command = Misbehave({"read", secret});
  command.binds.push_back({.host = secret});
  EXPECT_EQ(MustRun(command).code, 0);
}

TEST(Run, WritesOnlyWhereItMay) {
  const Folder folder;
  const std::string file = folder.path() + "/file";
  Command command = Misbehave({"write", file});
  EXPECT_EQ(MustRun(command).code, 30);
  command.binds.push_back({.host = folder.path()});
  EXPECT_EQ(MustRun(command).code, 30);
  EXPECT_NE(access(file.c_str(), F_OK), 0);
  command.binds.back().writable = true;
  EXPECT_EQ(MustRun(command).code, 0);
  EXPECT_EQ(access(file.c_str(), F_OK), 0);
  for (const char* place :
       {"/usr/x", "/dev/x", "/x", "/proc/sys/kernel/core_pattern"}) {
    EXPECT_EQ(MustRun(Misbehave({"write", place})).code, 30) << place;
  }
  EXPECT_EQ(MustRun(Misbehave({"write", "/tmp/x"})).code, 0);
}

TEST(Run, HasNoNetwork) {
  for (const bool no_sandbox : {false, true}) {
    Command command = Misbehave({"connect"});
    command.no_sandbox = no_sandbox;
    if (no_sandbox) command.argv[0] = RACELAB_MISBEHAVE;
    EXPECT_EQ(MustRun(command).code, 20);
  }
}

TEST(Run, RefusesDangerousSystemCalls) {
  EXPECT_EQ(MustRun(Misbehave({"calls"})).code, 0);
}

TEST(Run, TellsItsOwnErrorsApart) {
  Command command = Misbehave({"exit", "0"});
  command.argv[0] = "/no/such/program";
  EXPECT_EQ(sandbox::Run(command).status().code(), absl::StatusCode::kNotFound);
  command.argv[0] = "relative";
  EXPECT_EQ(sandbox::Run(command).status().code(),
            absl::StatusCode::kInvalidArgument);
  command = Misbehave({"exit", "0"});
  command.binds.push_back({.host = "/no/such/folder"});
  EXPECT_EQ(sandbox::Run(command).status().code(),
            absl::StatusCode::kInvalidArgument);
  command = Misbehave({"exit", "0"});
  command.cwd = "/no/such/folder";
  EXPECT_THAT(sandbox::Run(command).status().message(),
              HasSubstr("/no/such/folder"));
}

TEST(Run, MayBeCalledFromManyThreads) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([i] {
      EXPECT_EQ(MustRun(Misbehave({"exit", std::to_string(i)})).code, i);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

// In a process of its own: a cancelled program stays cancelled.
TEST(CancelAll, EndsWhatRunsAndLeavesNothing) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  // The program starts from the beginning of main, and is told so.
  constexpr char kPath[] = "RACELAB_TEST_CANCEL_FOLDER";
  std::optional<Folder> folder;
  if (getenv(kPath) == nullptr) {
    folder.emplace();
    setenv(kPath, folder->path().c_str(), 1);
  }
  const std::string path = getenv(kPath);
  const std::string lock = path + "/lock";
  const auto program = [&] {
    signal(SIGTERM, [](int) { CancelAll(); });
    Command command = Misbehave({"daemon", lock});
    command.argv = {
        "/bin/sh", "-c",
        "/misbehave daemon " + lock + "; echo x >&3; /misbehave wait"};
    command.allow_processes = true;
    command.limits.wall_seconds = 60;
    command.binds.push_back({.host = path, .writable = true});
    command.on_channel = [](std::string_view) { return raise(SIGTERM) == 0; };
    const absl::Status status = sandbox::Run(command).status();
    const bool again =
        sandbox::Run(command).status().code() == absl::StatusCode::kCancelled;
    _exit(status.code() == absl::StatusCode::kCancelled && again ? 0 : 1);
  };
  EXPECT_EXIT(program(), testing::ExitedWithCode(0), "");
  EXPECT_EQ(access(lock.c_str(), F_OK), 0);
  EXPECT_FALSE(IsLocked(lock));
  unsetenv(kPath);
}

// The program dies without a chance to clean up; the lock's release is what the
// test waits for.
TEST(Run, LeavesNothingWhenTheProgramIsKilled) {
  const Folder folder;
  const std::string lock = folder.path() + "/lock";
  const pid_t pid = fork();
  if (pid == 0) {
    Command command = Misbehave({"daemon", lock});
    command.argv = {
        "/bin/sh", "-c",
        "/misbehave daemon " + lock + "; echo x >&3; /misbehave wait"};
    command.allow_processes = true;
    command.limits.wall_seconds = 60;
    command.binds.push_back({.host = folder.path(), .writable = true});
    command.on_channel = [](std::string_view) { return raise(SIGKILL) == 0; };
    (void)sandbox::Run(command).ok();
    _exit(0);
  }
  int status = 0;
  waitpid(pid, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status));
  const int fd = open(lock.c_str(), O_RDWR);
  ASSERT_GE(fd, 0);
  EXPECT_EQ(lockf(fd, F_LOCK, 0), 0);
  close(fd);
}

// At whatever moment of its beginning: what ends it is no fault of the
// machine's isolation, nor of the command.
TEST(Run, TellsASandboxThatIsKilledFromAMachineWithoutOne) {
  const std::string children =
      "/proc/self/task/" + std::to_string(gettid()) + "/children";
  std::atomic<bool> done = false;
  std::thread killer([&] {
    for (pid_t child = 0; !done && child == 0;) {
      std::ifstream(children) >> child;
      if (child > 0 && kill(-child, SIGKILL) != 0) kill(child, SIGKILL);
    }
  });
  const absl::Status status = sandbox::Run(Misbehave({"wait"})).status();
  done = true;
  killer.join();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
  EXPECT_THAT(status.message(), HasSubstr("killed from outside"));
}

TEST(WhyNothingBegan, TellsByTheWaitStatus) {
  const auto exited = [](int code) { return code << 8; };
  for (const int killed : {SIGKILL, SIGTERM, exited(128 + SIGKILL)}) {
    EXPECT_EQ(WhyNothingBegan(killed, "", false).code(),
              absl::StatusCode::kUnavailable)
        << killed;
  }
  const absl::Status refused =
      WhyNothingBegan(exited(1), "bwrap: not permitted\n", false);
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(refused.message(), HasSubstr(" (bwrap: not permitted); "));
  EXPECT_THAT(WhyNothingBegan(SIGSYS, "", false).message(),
              HasSubstr(" (ended by signal 31); "));
  EXPECT_EQ(WhyNothingBegan(exited(125), "", true).code(),
            absl::StatusCode::kInternal);
}

TEST(PickId, TakesOneThatNoAccountHas) {
  EXPECT_EQ(PickId("         0          0 4294967295\n", 7), 200'000'007);
  // A container's, with and without other ids than root's.
  const std::string container = "0 1000 1\n1 100000 65536\n";
  EXPECT_EQ(PickId(container, 0), 64'537);
  EXPECT_EQ(PickId(container, 999), 65'536);
  EXPECT_EQ(PickId(container, 997), 65'533);  // not 65534, nobody's
  EXPECT_EQ(PickId(container, 1000), 64'537);
  EXPECT_EQ(PickId("0 1000 1\n", 7), std::nullopt);
  EXPECT_EQ(PickId("65534 1000 1\n", 7), std::nullopt);
  EXPECT_EQ(PickId("0 0 1\n5 5 1\n", 7), 5);
  EXPECT_EQ(PickId("", 7), std::nullopt);
}

// Runs `work` as root of a new user namespace. False if this machine lets us
// make none.
bool AsRootOfNamespace(const std::string& ids, bool groups,
                       const std::function<bool()>& work) {
  constexpr int kRefused = 77;
  struct Child {
    const std::function<bool()>& work;
    int mapped[2];
  } child{work, {}};
  EXPECT_EQ(pipe2(child.mapped, O_CLOEXEC), 0);
  const auto run = [](void* arg) {
    const Child& child = *static_cast<const Child*>(arg);
    char byte;
    close(child.mapped[1]);
    if (read(child.mapped[0], &byte, 1) != 1 || setresgid(0, 0, 0) != 0 ||
        setresuid(0, 0, 0) != 0) {
      return kRefused;
    }
    return child.work() ? 0 : 1;
  };
  // Not fork() and unshare(): only a process of one thread may do that, and
  // libtsan gives each forked one a thread of its own.
  std::vector<char> stack(size_t{1} << 20);
  const pid_t pid =
      clone(run, stack.data() + stack.size(), CLONE_NEWUSER | SIGCHLD, &child);
  if (pid > 0) {
    const std::string proc = "/proc/" + std::to_string(pid) + "/";
    if (!groups) std::ofstream(proc + "setgroups") << "deny";
    std::ofstream(proc + "gid_map") << ids;
    std::ofstream(proc + "uid_map") << ids;
    (void)!write(child.mapped[1], "x", 1);
  }
  for (const int fd : child.mapped) close(fd);
  if (pid < 0) return false;
  int status = 0;
  waitpid(pid, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) &&
              (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == kRefused))
      << status;
  return WEXITSTATUS(status) != kRefused;
}

// As in a container without many ids, or with none but root's.
TEST(Run, DropsTheRootOfAUserNamespace) {
  const auto drops = [](Identity::Way way) {
    return [way] {
      const auto result = sandbox::Run(Misbehave({"uid"}));
      if (!result.ok()) std::cerr << result.status() << "\n";
      Command command;
      command.argv = {"/bin/grep", "CapEff:.*[^0]$", "/proc/self/status"};
      const auto capable = sandbox::Run(command);
      return result.ok() && result->ok() && capable.ok() &&
             capable->code == 1 && ChooseIdentity().way == way &&
             ProbeIsolation().user_namespaces ==
                 (way == Identity::Way::kNamespace);
    };
  };
  const std::string self = "0 " + std::to_string(geteuid()) + " 1\n";
  EXPECT_TRUE(AsRootOfNamespace(self, false, drops(Identity::Way::kNamespace)))
      << "allow user namespaces for this test: ./racelab doctor says how";
  if (geteuid() != 0) {
    // Only root can give a namespace more ids.
    EXPECT_FALSE(AsRootOfNamespace(self + "1 100000 65536\n", true,
                                   [] { return true; }));
    return;
  }
  EXPECT_TRUE(AsRootOfNamespace(self + "1 100000 65536\n", true,
                                drops(Identity::Way::kOther)));
}

TEST(ProbeIsolation, SaysWhetherIsolationWorks) {
  const Isolation isolation = ProbeIsolation();
  EXPECT_TRUE(isolation.works) << isolation.detail;
  EXPECT_THAT(isolation.mend, IsEmpty());
}

TEST(RunInteractive, TellsHowItEnded) {
  Command command;
  command.argv = {RACELAB_MISBEHAVE, "exit", "7"};
  const auto result = RunInteractive(command);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->code, 7);
}

}  // namespace
}  // namespace racelab::sandbox
