// The sandbox's init: pid 1 of the namespace that the command runs in. Starts
// the command under its limits, watches what all processes inside use, reports
// how the command ended, and by ending takes everything with it.
//
// Carried inside the sandbox library and run from memory, so it is static and
// uses nothing of the C++ library. See "Theory of operation" in sandbox.h.

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <initializer_list>

#include "sandbox/init_protocol.h"

namespace racelab::sandbox {
namespace {

// A look reads /proc, for each process. Often only where a limit is so near
// that it could be reached before a later look.
constexpr int kWatchMilliseconds = 10;
constexpr int kCalmWatchMilliseconds = 40;
constexpr uint64_t kNear = uint64_t{256} << 20;
constexpr int kChannelFd = 3;

void Send(const Report& report) {
  // Nobody there: racelab died, and so do we, soon.
  (void)!send(kStatusFd, &report, sizeof report, MSG_NOSIGNAL);
}

[[noreturn]] void Fail(const char* step, int error) {
  Report report = {};
  report.kind = Report::Kind::kFailed;
  report.code = error;
  strncpy(report.step, step, sizeof report.step - 1);
  Send(report);
  _exit(125);
}

// What the parent laid out behind Config in the memfd.
struct Plan {
  const Config* config;
  sock_fprog filter;
  char** argv;
  char** env;
};

char** Strings(uint32_t count, char*& at) {
  char** list = static_cast<char**>(calloc(count + 1, sizeof(char*)));
  if (list == nullptr) Fail("calloc", ENOMEM);
  for (uint32_t i = 0; i < count; ++i) {
    list[i] = at;
    at += strlen(at) + 1;
  }
  return list;
}

Plan ReadPlan() {
  struct stat status;
  if (fstat(kConfigFd, &status) != 0) Fail("fstat", errno);
  void* memory = mmap(nullptr, status.st_size, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE, kConfigFd, 0);
  if (memory == MAP_FAILED) Fail("mmap", errno);
  Plan plan;
  plan.config = static_cast<const Config*>(memory);
  char* at = static_cast<char*>(memory) + sizeof(Config);
  plan.filter.len = plan.config->filter_instructions;
  plan.filter.filter = reinterpret_cast<sock_filter*>(at);
  at += plan.filter.len * sizeof(sock_filter);
  plan.argv = Strings(plan.config->argc, at);
  plan.env = Strings(plan.config->envc, at);
  return plan;
}

void Limit(int resource, uint64_t value) {
  rlimit limit;
  if (getrlimit(static_cast<__rlimit_resource>(resource), &limit) != 0) return;
  // Raising a hard limit is not ours to do; the lower one then stands.
  if (value > limit.rlim_max) value = limit.rlim_max;
  limit.rlim_cur = limit.rlim_max = value;
  setrlimit(static_cast<__rlimit_resource>(resource), &limit);
}

// In the child: never returns. An errno on `failure` says why not.
[[noreturn]] void Start(const Plan& plan, int failure) {
  const Config& config = *plan.config;
  const auto fail = [failure](char step) {
    const int message[2] = {errno, step};
    (void)!write(failure, message, sizeof message);
    _exit(125);
  };
  setsid();
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  for (const int number : {SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGCHLD}) {
    signal(number, SIG_DFL);
  }
  if (!config.isolated) prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (chdir(config.cwd) != 0) fail('d');

  Limit(RLIMIT_CORE, 0);
  // The watch is the limit; this one holds if the watch is late.
  Limit(RLIMIT_CPU, static_cast<uint64_t>(config.cpu_seconds) + 2);
  Limit(RLIMIT_FSIZE, config.file_bytes);
  Limit(RLIMIT_NOFILE, config.open_files);
  Limit(RLIMIT_MEMLOCK, 0);
  Limit(RLIMIT_MSGQUEUE, 0);
  if (config.address_space) Limit(RLIMIT_AS, config.memory_bytes);
  // Without isolation the count would include the person's own processes.
  if (config.isolated && config.processes > 0) {
    Limit(RLIMIT_NPROC, config.processes);
  }
  // When memory runs out on the machine, this one goes first.
  if (const int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
      fd >= 0) {
    (void)!write(fd, "1000", 4);
    close(fd);
  }

  const int first = config.has_channel ? kChannelFd + 1 : kChannelFd;
  for (int fd = first; fd < failure; ++fd) close(fd);
  close_range(failure + 1, ~0u, 0);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) fail('p');
  if (plan.filter.len > 0 &&
      prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &plan.filter) != 0) {
    fail('s');
  }
  execve(plan.argv[0], plan.argv, plan.env);
  fail('x');
  _exit(125);
}

struct Usage {
  uint64_t memory = 0;            // bytes
  uint64_t cpu_microseconds = 0;  // of the processes that still live
};

uint64_t Field(const char* text, const char* name) {
  const char* at = strstr(text, name);
  return at == nullptr ? 0 : strtoull(at + strlen(name), nullptr, 10) * 1024;
}

// The processes below `root`, itself included, through /proc/*/task/*/children.
// Only without isolation: inside a namespace every process is the command's.
void Descendants(pid_t root, void (*visit)(pid_t, void*), void* context,
                 int depth = 0) {
  if (depth > 64) return;
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/task", root);
  DIR* tasks = opendir(path);
  if (tasks != nullptr) {
    while (const dirent* task = readdir(tasks)) {
      if (task->d_name[0] == '.') continue;
      snprintf(path, sizeof path, "/proc/%d/task/%.10s/children", root,
               task->d_name);
      FILE* children = fopen(path, "re");
      if (children == nullptr) continue;
      int child;
      while (fscanf(children, "%d", &child) == 1) {
        Descendants(child, visit, context, depth + 1);
      }
      fclose(children);
    }
    closedir(tasks);
  }
  if (depth > 0) visit(root, context);
}

void EachProcess(bool isolated, void (*visit)(pid_t, void*), void* context) {
  if (!isolated) return Descendants(getpid(), visit, context);
  DIR* proc = opendir("/proc");
  if (proc == nullptr) return;
  while (const dirent* entry = readdir(proc)) {
    const pid_t pid = atoi(entry->d_name);
    if (pid > 1) visit(pid, context);
  }
  closedir(proc);
}

Usage Measure(const Config& config) {
  struct Sum {
    Usage usage;
    uint64_t largest_shared = 0;
  } sum;
  EachProcess(
      config.isolated,
      [](pid_t pid, void* context) {
        Sum& sum = *static_cast<Sum*>(context);
        char path[32];
        snprintf(path, sizeof path, "/proc/%d/status", pid);
        const int fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0) return;
        char text[4096];
        const ssize_t size = read(fd, text, sizeof text - 1);
        close(fd);
        if (size <= 0) return;
        text[size] = '\0';
        sum.usage.memory += Field(text, "\nRssAnon:") +
                            Field(text, "\nVmSwap:") + Field(text, "\nVmPTE:");
        // Processes share these pages; counting the largest set once is exact
        // for one process and for forked ones.
        const uint64_t shared = Field(text, "\nRssShmem:");
        if (shared > sum.largest_shared) sum.largest_shared = shared;
        clockid_t clock;
        timespec time;
        if (clock_getcpuclockid(pid, &clock) == 0 &&
            clock_gettime(clock, &time) == 0) {
          sum.usage.cpu_microseconds +=
              time.tv_sec * 1000000ull + time.tv_nsec / 1000;
        }
      },
      &sum);
  uint64_t files = 0;
  if (config.has_scratch) {
    for (const char* folder : {"/tmp", "/dev/shm"}) {
      struct statfs status;
      if (statfs(folder, &status) == 0) {
        files += (status.f_blocks - status.f_bfree) * status.f_bsize;
      }
    }
  }
  sum.usage.memory += sum.largest_shared > files ? sum.largest_shared : files;
  return sum.usage;
}

uint64_t ReapedCpu() {
  rusage usage;
  getrusage(RUSAGE_CHILDREN, &usage);
  return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000ull +
         usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

void KillAll(bool isolated) {
  if (isolated) {
    kill(-1, SIGKILL);
  } else {
    // We are the subreaper: whoever lost its parent is our child now.
    EachProcess(false, [](pid_t pid, void*) { kill(pid, SIGKILL); }, nullptr);
  }
}

// Without isolation nobody else cleans up: kill until no child is left.
void ReapEverything(bool isolated) {
  if (isolated) return;
  for (;;) {
    KillAll(false);
    if (waitpid(-1, nullptr, 0) < 0 && errno == ECHILD) return;
  }
}

[[noreturn]] void Watch(const Config& config, pid_t command, int signals) {
  const int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
  const auto look_in = [timer](int milliseconds) {
    itimerspec once = {};
    once.it_value.tv_nsec = milliseconds * 1000000L;
    if (timer < 0 || timerfd_settime(timer, 0, &once, nullptr) != 0) {
      Fail("timerfd", errno);
    }
  };
  look_in(kWatchMilliseconds);
  Report report = {};
  report.kind = Report::Kind::kEnded;
  bool limited = false;
  for (;;) {
    pollfd fds[] = {
        {kStatusFd, POLLIN, 0}, {signals, POLLIN, 0}, {timer, POLLIN, 0}};
    if (poll(fds, 3, -1) < 0 && errno != EINTR) Fail("poll", errno);
    if (fds[0].revents != 0) {
      Order order;
      const ssize_t got = recv(kStatusFd, &order, sizeof order, MSG_DONTWAIT);
      if (got == 0 || (got < 0 && errno != EAGAIN)) {
        // racelab is gone, and so is everybody here.
        KillAll(config.isolated);
        ReapEverything(config.isolated);
        _exit(125);
      }
      if (got == sizeof order) KillAll(config.isolated);
    }
    if (fds[2].revents != 0) {
      uint64_t ticks;
      (void)!read(timer, &ticks, sizeof ticks);
      const Usage usage = Measure(config);
      if (usage.memory > report.peak_memory) report.peak_memory = usage.memory;
      const uint64_t cpu = usage.cpu_microseconds + ReapedCpu();
      if (!limited && usage.memory > config.memory_bytes) {
        limited = true;
        report.end = InitEnd::kMemoryLimit;
      } else if (!limited && cpu > config.cpu_seconds * 1e6) {
        limited = true;
        report.end = InitEnd::kCpuLimit;
      }
      if (limited) KillAll(config.isolated);
      const bool calm = !limited &&
                        usage.memory + kNear < config.memory_bytes &&
                        cpu + 1000000 < config.cpu_seconds * 1e6;
      look_in(calm ? kCalmWatchMilliseconds : kWatchMilliseconds);
    }
    if (fds[1].revents != 0) {
      signalfd_siginfo info;
      (void)!read(signals, &info, sizeof info);
    }
    int status;
    pid_t pid;
    bool ended = false;
    int command_status = 0;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
      if (pid == command) {
        ended = true;
        command_status = status;
      }
    }
    if (!ended) continue;
    KillAll(config.isolated);
    ReapEverything(config.isolated);
    report.cpu_microseconds = ReapedCpu();
    if (!limited && WIFEXITED(command_status)) {
      report.end = InitEnd::kExited;
      report.code = WEXITSTATUS(command_status);
    } else if (!limited) {
      report.end = report.cpu_microseconds > config.cpu_seconds * 1e6
                       ? InitEnd::kCpuLimit
                       : InitEnd::kSignalled;
      report.code = WTERMSIG(command_status);
    }
    Send(report);
    _exit(0);
  }
}

int Main() {
  const Plan plan = ReadPlan();
  const Config& config = *plan.config;
  if (config.uid != kKeepUid) {
    if (setgroups(0, nullptr) != 0) Fail("setgroups", errno);
    if (setresgid(config.gid, config.gid, config.gid) != 0) {
      Fail("setresgid", errno);
    }
    if (setresuid(config.uid, config.uid, config.uid) != 0) {
      Fail("setresuid", errno);
    }
  }
  // The command has our uid: it must not open our memory or descriptors.
  prctl(PR_SET_DUMPABLE, 0);
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  if (!config.isolated) {
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
  }
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, nullptr);
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  const int signals = signalfd(-1, &child, SFD_CLOEXEC);
  if (signals < 0) Fail("signalfd", errno);

  int failure[2];
  if (pipe2(failure, O_CLOEXEC) != 0) Fail("pipe", errno);
  const pid_t command = fork();
  if (command < 0) Fail("fork", errno);
  if (command == 0) Start(plan, failure[1]);
  // Only the command's own copies may keep its pipes open.
  for (int fd = 0; fd <= kChannelFd; ++fd) close(fd);
  close(kInitFd);
  close(kConfigFd);
  close(failure[1]);
  int message[2];
  if (read(failure[0], message, sizeof message) == sizeof message) {
    switch (message[1]) {
      case 'x':
        Fail("exec", message[0]);
      case 'd':
        Fail("chdir", message[0]);
      case 's':
        Fail("seccomp", message[0]);
      default:
        Fail("prctl", message[0]);
    }
  }
  close(failure[0]);
  Report ready = {};
  ready.kind = Report::Kind::kReady;
  Send(ready);
  Watch(config, command, signals);
}

}  // namespace
}  // namespace racelab::sandbox

int main() { return racelab::sandbox::Main(); }
