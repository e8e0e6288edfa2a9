#include "runtimes/common/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <span>
#include <tuple>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "runtimes/common/module.h"
#include "runtimes/common/raw_syscall.h"

namespace racelab::runtimes {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kLoadSeconds = 20;

// Kills what the child left behind: as a subreaper, the runner inherits it.
void ReapLeftovers() {
  const pid_t self = getpid();
  for (int round = 0; round < 100; ++round) {
    while (waitpid(-1, nullptr, WNOHANG) > 0) {
    }
    // No child at all: the usual case.
    if (waitpid(-1, nullptr, WNOHANG) < 0) return;
    bool any = false;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(
             "/proc",
             std::filesystem::directory_options::skip_permission_denied,
             error)) {
      int pid = 0;
      if (!absl::SimpleAtoi(entry.path().filename().string(), &pid)) continue;
      std::ifstream file(entry.path() / "stat");
      std::string stat;
      if (!std::getline(file, stat)) continue;
      // pid (name) state ppid …; the name may hold anything.
      const size_t close = stat.rfind(')');
      if (close == std::string::npos) continue;
      const std::vector<std::string> fields =
          absl::StrSplit(stat.substr(close + 1), ' ', absl::SkipEmpty());
      int parent = 0;
      if (fields.size() < 2 || !absl::SimpleAtoi(fields[1], &parent) ||
          parent != self) {
        continue;
      }
      any = true;
      kill(pid, SIGKILL);
    }
    if (!any) return;
    struct timespec pause = {0, 1000000};
    nanosleep(&pause, nullptr);
  }
}

[[noreturn]] void RunWork(const ChildOptions& options, int fd,
                          const Messenger::Secret& secret, pid_t parent) {
  // Dies with the runner, whatever the student's code does.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  prctl(PR_SET_CHILD_SUBREAPER, 0);
  prctl(PR_SET_DUMPABLE, 1);
  signal(SIGPIPE, SIG_DFL);
  if (getppid() != parent) _exit(0);
  // The records, and everything else of the runner's, are none of its business.
  constexpr int kChannel = 3;
  if (fd != kChannel) {
    dup2(fd, kChannel);
    fd = kChannel;
  }
  // High, so that the student's descriptors have the numbers they would have.
  const int channel = fcntl(fd, F_DUPFD_CLOEXEC, 250);
  if (channel >= 0) fd = channel;
  RawSyscall(SYS_close_range, 3, fd - 1, 0);
  RawSyscall(SYS_close_range, fd + 1, ~0U, 0);
  const Messenger messenger(fd, secret);
  // Past libtsan, whose own end would only repeat what has been said.
  RawSyscall(SYS_exit_group, options.work(messenger));
  __builtin_unreachable();
}

}  // namespace

void Messenger::Send(char kind, std::string_view bytes) const {
  struct iovec parts[3] = {
      {const_cast<char*>(secret_.data()), secret_.size()},
      {&kind, 1},
      {const_cast<char*>(bytes.data()), std::min(bytes.size(), kMaxBytes)}};
  struct msghdr message = {};
  message.msg_iov = parts;
  message.msg_iovlen = 3;
  while (RawSyscall(SYS_sendmsg, fd_, reinterpret_cast<long>(&message),
                    MSG_NOSIGNAL) == -EINTR) {
  }
}

absl::StatusOr<ChildEnd> RunChild(const ChildOptions& options) {
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
    return absl::ResourceExhaustedError(
        absl::StrCat("socketpair: ", strerror(errno)));
  }
  Messenger::Secret secret;
  if (getrandom(secret.data(), secret.size(), 0) !=
      static_cast<ssize_t>(secret.size())) {
    const int error = errno;
    close(pair[0]);
    close(pair[1]);
    return absl::ResourceExhaustedError(
        absl::StrCat("getrandom: ", strerror(error)));
  }
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  // Labs that may open files could open /proc/<us>/mem, too.
  prctl(PR_SET_DUMPABLE, 0);
  fflush(nullptr);
  const pid_t parent = getpid();
  // Not fork(): with one thread and no lock held there is nothing to prepare,
  // and libtsan's preparation writes to each page of its 4 MiB depot of stacks,
  // here and, copying them, in the child.
  const pid_t child = _Fork();
  if (child < 0) {
    const int error = errno;
    close(pair[0]);
    close(pair[1]);
    return absl::ResourceExhaustedError(
        absl::StrCat("fork: ", strerror(error)));
  }
  if (child == 0) RunWork(options, pair[1], secret, parent);
  close(pair[1]);

  constexpr size_t kHead = std::tuple_size_v<Messenger::Secret> + 1;
  std::vector<char> buffer(Messenger::kMaxBytes + kHead);
  // False at the end of the messages.
  const auto receive = [&](int flags) {
    const ssize_t n = recv(pair[0], buffer.data(), buffer.size(), flags);
    if (n < 0) return errno == EINTR;
    if (n == 0) return false;
    const size_t size = static_cast<size_t>(n);
    // What others than the Messenger wrote there says nothing.
    if (size < kHead ||
        !std::ranges::equal(secret, std::span(buffer).first(secret.size()))) {
      return true;
    }
    if (options.on_message) {
      options.on_message(buffer[kHead - 1],
                         {buffer.data() + kHead, size - kHead});
    }
    return true;
  };

  bool open = true;
  bool stopped = false;
  int status = 0;
  auto next_tick = Clock::now();
  const auto tick = std::chrono::duration_cast<Clock::duration>(
      std::chrono::duration<double>(options.tick_seconds));
  while (true) {
    pollfd waited = {open ? pair[0] : -1, POLLIN, 0};
    const int ready = poll(
        &waited, 1,
        open ? std::max(1, static_cast<int>(options.tick_seconds * 1000)) : 1);
    if (ready > 0 && open) open = receive(0);
    if (!stopped && options.stop && options.stop()) {
      kill(child, SIGKILL);
      stopped = true;
    }
    if (open && Clock::now() < next_tick) continue;
    next_tick = Clock::now() + tick;
    const pid_t ended = waitpid(child, &status, WNOHANG);
    if (ended == child || (ended < 0 && errno != EINTR)) break;
    if (!stopped && options.on_tick && !options.on_tick(child)) {
      kill(child, SIGKILL);
      stopped = true;
    }
  }
  while (open && receive(MSG_DONTWAIT)) {
  }
  close(pair[0]);
  ReapLeftovers();

  ChildEnd end;
  if (stopped) {
    end.how = ChildEnd::How::kStopped;
  } else if (WIFSIGNALED(status)) {
    end.how = ChildEnd::How::kSignaled;
    end.signal = WTERMSIG(status);
  } else {
    end.code = WEXITSTATUS(status);
  }
  return end;
}

std::string SignalName(int signal) {
  switch (signal) {
    case SIGSEGV:
      return "SIGSEGV (invalid memory access)";
    case SIGBUS:
      return "SIGBUS (memory that is not there)";
    case SIGFPE:
      return "SIGFPE (division by zero)";
    case SIGILL:
      return "SIGILL (not an instruction)";
    case SIGABRT:
      return "SIGABRT (abort)";
    case SIGKILL:
      return "SIGKILL (killed)";
    case SIGTRAP:
      return "SIGTRAP (trap)";
    case SIGPIPE:
      return "SIGPIPE (wrote to a pipe that nobody reads)";
    default:
      break;
  }
  const char* name = sigabbrev_np(signal);
  return name != nullptr ? absl::StrCat("SIG", name)
                         : absl::StrCat("signal ", signal);
}

absl::StatusOr<TestListing> ListTestsInChild(const std::string& module) {
  // Kinds: T a test, E why it cannot be loaded, L all is listed.
  TestListing listing;
  std::string error;
  bool complete = false;
  ChildOptions options;
  options.work = [&module](const Messenger& messenger) {
    absl::StatusOr<std::unique_ptr<LoadedModule>> loaded =
        LoadedModule::Load(module);
    if (!loaded.ok()) {
      messenger.Send('E', std::string(loaded.status().message()));
      return 0;
    }
    for (const TestInfo& test : (*loaded)->tests()) {
      messenger.Send(
          'T', absl::StrCat(test.concurrent ? "1" : "0", "\n", test.line, "\n",
                            test.name, "\n", test.file));
    }
    messenger.Send('L', "");
    return 0;
  };
  options.on_message = [&](char kind, std::string_view bytes) {
    if (kind == 'E') error = std::string(bytes);
    if (kind == 'L') complete = true;
    if (kind != 'T') return;
    const std::vector<std::string> fields =
        absl::StrSplit(std::string(bytes), absl::MaxSplits('\n', 3));
    if (fields.size() != 4) return;
    TestInfo test{
        .name = fields[2], .concurrent = fields[0] == "1", .file = fields[3]};
    if (absl::SimpleAtoi(fields[1], &test.line)) {
      listing.tests.push_back(std::move(test));
    }
  };
  const auto started = Clock::now();
  options.on_tick = [&](pid_t) {
    return Clock::now() - started < std::chrono::seconds(kLoadSeconds);
  };
  absl::StatusOr<ChildEnd> end = RunChild(options);
  if (!end.ok()) return end.status();
  if (!error.empty()) return absl::FailedPreconditionError(error);
  if (complete) return listing;
  if (end->how == ChildEnd::How::kStopped) {
    return absl::DeadlineExceededError(absl::StrCat(
        "loading the module, which runs the initializers of its globals, did "
        "not end within ",
        kLoadSeconds, " s"));
  }
  verdict::Finding finding;
  finding.kind = verdict::FailureKind::kCrash;
  finding.message = absl::StrCat(
      "The program ended before its first test, in the initializer of a "
      "global: ",
      end->how == ChildEnd::How::kSignaled
          ? SignalName(end->signal)
          : absl::StrCat("it left with exit code ", end->code));
  listing.tests.clear();
  listing.crash = std::move(finding);
  return listing;
}

}  // namespace racelab::runtimes
