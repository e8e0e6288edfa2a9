#include "runtimes/process/hang.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace racelab::process {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds kBetweenLooks(100);

std::string ReadFile(const fs::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

std::vector<int> NumbersIn(const fs::path& folder) {
  std::vector<int> numbers;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    int number = 0;
    if (absl::SimpleAtoi(entry->path().filename().string(), &number)) {
      numbers.push_back(number);
    }
  }
  std::ranges::sort(numbers);
  return numbers;
}

// State and parent, from "pid (name) state ppid …"; the name may hold anything.
std::optional<std::pair<char, pid_t>> StateAndParent(const fs::path& folder) {
  const std::string stat = ReadFile(folder / "stat");
  const size_t close = stat.rfind(')');
  if (close == std::string::npos) return std::nullopt;
  const std::vector<std::string> fields =
      absl::StrSplit(stat.substr(close + 1), ' ', absl::SkipEmpty());
  pid_t parent = 0;
  if (fields.size() < 2 || fields[0].empty() ||
      !absl::SimpleAtoi(fields[1], &parent)) {
    return std::nullopt;
  }
  return std::pair(fields[0][0], parent);
}

uint64_t Switches(const fs::path& folder) {
  uint64_t sum = 0;
  const std::string status = ReadFile(folder / "status");
  for (const absl::string_view line : absl::StrSplit(status, '\n')) {
    if (!absl::StrContains(line, "ctxt_switches:")) continue;
    const std::vector<absl::string_view> fields =
        absl::StrSplit(line, absl::ByAnyChar(":\t "), absl::SkipEmpty());
    uint64_t count = 0;
    if (fields.size() == 2 && absl::SimpleAtoi(fields[1], &count)) sum += count;
  }
  return sum;
}

// The number of the call and its six arguments; nullopt if it is in none.
std::optional<std::vector<uint64_t>> ParseCall(const std::string& text) {
  std::vector<uint64_t> numbers;
  const std::vector<absl::string_view> fields =
      absl::StrSplit(absl::StripAsciiWhitespace(text), ' ');
  for (const absl::string_view field : fields) {
    uint64_t number = 0;
    const bool hexadecimal = absl::StartsWith(field, "0x");
    if (hexadecimal ? !absl::SimpleHexAtoi(field, &number)
                    : !absl::SimpleAtoi(field, &number)) {
      return std::nullopt;
    }
    numbers.push_back(number);
  }
  if (numbers.size() < 7) return std::nullopt;
  return numbers;
}

std::string LinkOf(pid_t pid, int fd) {
  std::error_code error;
  return fs::read_symlink(absl::StrCat("/proc/", pid, "/fd/", fd), error)
      .string();
}

bool OpenFor(pid_t pid, int fd, int mode) {
  const std::string info =
      ReadFile(absl::StrCat("/proc/", pid, "/fdinfo/", fd));
  for (const absl::string_view line : absl::StrSplit(info, '\n')) {
    if (!absl::ConsumePrefix(const_cast<absl::string_view*>(&line), "flags:")) {
      continue;
    }
    const unsigned long flags = strtoul(
        std::string(absl::StripAsciiWhitespace(line)).c_str(), nullptr, 8);
    const int access = static_cast<int>(flags & O_ACCMODE);
    return access == mode || access == O_RDWR;
  }
  return false;
}

std::string NameOf(pid_t pid, const Family& family) {
  std::vector<pid_t> pids;
  for (const Task& task : family.tasks) {
    if (pids.empty() || pids.back() != task.pid) pids.push_back(task.pid);
  }
  const auto found = std::ranges::find(pids, pid);
  if (found == pids.begin()) return "the test's own process";
  return absl::StrCat("child ", found - pids.begin());
}

std::string NameOf(const Task& task, const Family& family) {
  std::string name = NameOf(task.pid, family);
  if (task.tid != task.pid) absl::StrAppend(&name, ", thread ", task.tid);
  return name;
}

// "read from a pipe (descriptor 5); its other end is open in: …". Empty: not a
// pipe or socket that the test has made.
std::string DescribeTransfer(const Task& task, const Family& family, int fd,
                             bool reading) {
  if (fd <= STDERR_FILENO) return "";
  const std::string link = LinkOf(task.pid, fd);
  if (absl::StartsWith(link, "socket:")) {
    return absl::StrCat(reading ? "data from" : "room in",
                        " a socket (descriptor ", fd, ")");
  }
  if (!absl::StartsWith(link, "pipe:")) return "";
  std::set<std::string> holders;
  std::set<pid_t> seen;
  for (const Task& other : family.tasks) {
    if (!seen.insert(other.pid).second) continue;
    for (const int candidate :
         NumbersIn(absl::StrCat("/proc/", other.pid, "/fd"))) {
      if (LinkOf(other.pid, candidate) == link &&
          OpenFor(other.pid, candidate, reading ? O_WRONLY : O_RDONLY)) {
        holders.insert(absl::StrCat(NameOf(other.pid, family), " (descriptor ",
                                    candidate, ")"));
      }
    }
  }
  return absl::StrCat(
      reading ? "data or the end of file from" : "room in",
      " a pipe (descriptor ", fd, "), whose ", reading ? "write" : "read",
      " end is open in ",
      holders.empty() ? "nobody" : absl::StrJoin(holders, " and "));
}

std::string DescribeFutex(const std::vector<uint64_t>& call) {
  const int command = static_cast<int>(call[2]) & FUTEX_CMD_MASK;
  if (command != FUTEX_WAIT && command != FUTEX_WAIT_BITSET &&
      command != FUTEX_LOCK_PI) {
    return "";
  }
  if (call[4] != 0) return "";  // has a timeout
  return "a mutex, semaphore or condition variable";
}

std::string DescribeFileLock(int fd, bool waits) {
  return waits ? absl::StrCat("a lock on a file (descriptor ", fd, ")") : "";
}

std::string DescribeWait(const Task& task, const Family& family,
                         const std::vector<uint64_t>& call) {
  const int first = static_cast<int>(call[1]);
  const int second = static_cast<int>(call[2]);
  switch (call[0]) {
    case SYS_futex:
      return DescribeFutex(call);
    case SYS_read:
    case SYS_readv:
    case SYS_recvfrom:
    case SYS_recvmsg:
      return DescribeTransfer(task, family, first, true);
    case SYS_write:
    case SYS_writev:
    case SYS_sendto:
    case SYS_sendmsg:
      return DescribeTransfer(task, family, first, false);
    case SYS_flock:
      return DescribeFileLock(first, (second & LOCK_NB) == 0);
    case SYS_fcntl:
      return DescribeFileLock(first,
                              second == F_SETLKW || second == F_OFD_SETLKW);
    case SYS_wait4:
    case SYS_waitid:
      return "the end of a child";
    case SYS_poll:
      return static_cast<int>(call[3]) == -1 ? "poll()" : "";
    case SYS_ppoll:
      return call[3] == 0 ? "poll()" : "";
    case SYS_epoll_wait:
      return static_cast<int>(call[4]) == -1 ? "epoll_wait()" : "";
    case SYS_pause:
    case SYS_rt_sigsuspend:
      return "a signal";
    default:
      return "";
  }
}

bool SameMoment(const Family& a, const Family& b) {
  return std::ranges::equal(a.tasks, b.tasks, [](const Task& x, const Task& y) {
    return x.pid == y.pid && x.tid == y.tid && x.state == y.state &&
           x.switches == y.switches && x.call == y.call;
  });
}

}  // namespace

Family LookAt(pid_t root) {
  std::map<pid_t, std::vector<pid_t>> children;
  for (const int pid : NumbersIn("/proc")) {
    if (const auto stat = StateAndParent(absl::StrCat("/proc/", pid))) {
      children[stat->second].push_back(pid);
    }
  }
  std::vector<pid_t> pids = {root};
  for (size_t i = 0; i < pids.size(); ++i) {
    const std::vector<pid_t>& more = children[pids[i]];
    pids.insert(pids.end(), more.begin(), more.end());
  }
  Family family;
  for (const pid_t pid : pids) {
    const std::string tasks = absl::StrCat("/proc/", pid, "/task");
    for (const int tid : NumbersIn(tasks)) {
      const fs::path folder = fs::path(tasks) / absl::StrCat(tid);
      const auto stat = StateAndParent(folder);
      if (!stat || stat->first == 'Z' || stat->first == 'X') continue;
      family.tasks.push_back({.pid = pid,
                              .tid = tid,
                              .state = stat->first,
                              .switches = Switches(folder),
                              .call = ReadFile(folder / "syscall")});
    }
  }
  return family;
}

std::optional<verdict::BlockedThread> WaitsForTheFamily(const Task& task,
                                                        const Family& family) {
  if (task.state != 'S') return std::nullopt;
  const auto call = ParseCall(task.call);
  if (!call) return std::nullopt;
  std::string what = DescribeWait(task, family, *call);
  if (what.empty()) return std::nullopt;
  return verdict::BlockedThread{.thread = NameOf(task, family),
                                .waits_for = std::move(what),
                                .held_by = "",
                                .stack = {}};
}

std::optional<Registers> RegistersOf(const Task& task) {
  const auto call = ParseCall(task.call);
  if (!call || call->size() < 9) return std::nullopt;
  return Registers{.stack_pointer = (*call)[7], .code_address = (*call)[8]};
}

std::vector<verdict::BlockedThread> HangObserver::Look() {
  const auto now = Clock::now();
  if (now < next_) return {};
  next_ = now + kBetweenLooks;
  Family family = LookAt(root_);
  std::vector<verdict::BlockedThread> blocked;
  for (const Task& task : family.tasks) {
    std::optional<verdict::BlockedThread> wait =
        WaitsForTheFamily(task, family);
    if (!wait) {
      before_.reset();
      return {};
    }
    blocked.push_back(*std::move(wait));
  }
  if (!before_ || !SameMoment(*before_, family)) {
    before_ = std::move(family);
    since_ = now;
    return {};
  }
  const std::chrono::duration<double> still = now - since_;
  if (still.count() < kProofSeconds) return {};
  return blocked;
}

}  // namespace racelab::process
