#include "sandbox/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "sandbox/init_image.h"
#include "sandbox/init_protocol.h"
#include "sandbox/syscall_filter.h"

namespace racelab::sandbox {
namespace {

// Above every number that the child gives its descriptors, so that moving one
// into place never overwrites another.
constexpr int kSafeFd = 32;

absl::StatusOr<Fd> Lift(int fd, const char* what) {
  if (fd < 0) return absl::ErrnoToStatus(errno, what);
  const int lifted = fcntl(fd, F_DUPFD_CLOEXEC, kSafeFd);
  const int error = errno;
  close(fd);
  if (lifted < 0) return absl::ErrnoToStatus(error, what);
  return Fd(lifted);
}

absl::Status MakePair(bool stream, Fd& ours, Fd& theirs) {
  int pair[2];
  const int type = stream ? SOCK_STREAM : SOCK_SEQPACKET;
  if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, pair) != 0) {
    return absl::ErrnoToStatus(errno, "socketpair");
  }
  auto first = Lift(pair[0], "socketpair");
  auto second = Lift(pair[1], "socketpair");
  if (!first.ok()) return first.status();
  if (!second.ok()) return second.status();
  ours = *std::move(first);
  theirs = *std::move(second);
  return absl::OkStatus();
}

absl::Status MakePipe(Fd& ours, Fd& theirs) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return absl::ErrnoToStatus(errno, "pipe");
  auto read_end = Lift(ends[0], "pipe");
  auto write_end = Lift(ends[1], "pipe");
  if (!read_end.ok()) return read_end.status();
  if (!write_end.ok()) return write_end.status();
  ours = *std::move(read_end);
  theirs = *std::move(write_end);
  return absl::OkStatus();
}

// A file in memory that holds `content`, positioned at its beginning.
absl::StatusOr<Fd> MemoryFile(const char* name, std::string_view content) {
  auto fd = Lift(memfd_create(name, MFD_CLOEXEC), "memfd_create");
  if (!fd.ok()) return fd;
  while (!content.empty()) {
    const ssize_t written = write(fd->get(), content.data(), content.size());
    if (written < 0) return absl::ErrnoToStatus(errno, "writing a memfd");
    content.remove_prefix(written);
  }
  lseek(fd->get(), 0, SEEK_SET);
  return fd;
}

// Shared by all runs: read-only once it is written.
absl::StatusOr<int> InitFd() {
  static const absl::StatusOr<Fd>* const fd = [] {
    auto file = MemoryFile("racelab-init", InitImage());
    if (file.ok()) fchmod(file->get(), 0555);
    return new absl::StatusOr<Fd>(std::move(file));
  }();
  if (!fd->ok()) return fd->status();
  return (*fd)->get();
}

constexpr uint32_t kNumbers = 10'000'000;

// Another one for every run: kernels before 5.14 count RLIMIT_NPROC over all of
// a uid's processes on the machine.
uint32_t RunNumber() {
  static std::atomic<uint32_t> runs = 0;
  // Relaxed: a counter that publishes nothing.
  const uint32_t run = runs.fetch_add(1, std::memory_order_relaxed);
  return static_cast<uint32_t>(getpid()) % (kNumbers / 100) * 100 + run % 100;
}

std::string ReadProc(const char* file) {
  std::ifstream stream(file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

bool IsLink(const char* path) {
  struct stat status;
  return lstat(path, &status) == 0 && S_ISLNK(status.st_mode);
}

bool Exists(const char* path) { return access(path, F_OK) == 0; }

std::vector<std::string> BubblewrapArguments(const Command& command,
                                             const Identity& identity) {
  std::vector<std::string> args = {BubblewrapPath(), "--unshare-pid",
                                   "--unshare-net",  "--unshare-ipc",
                                   "--unshare-uts",  "--unshare-cgroup-try",
                                   "--as-pid-1",     "--die-with-parent",
                                   "--new-session",  "--hostname",
                                   "sandbox",        "--ro-bind",
                                   "/usr",           "/usr"};
  const auto add = [&args](std::initializer_list<std::string> more) {
    args.insert(args.end(), more);
  };
  if (identity.way == Identity::Way::kOther) {
    // For init, which gives them up by dropping the uid.
    add({"--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add",
         "CAP_SETGID"});
  } else {
    add({"--unshare-user"});
    // A uid of 0 would bring root's capabilities with it.
    if (geteuid() == 0) {
      add({"--uid", "65534", "--gid", "65534", "--cap-drop", "ALL"});
    }
  }
  for (const char* folder : {"/bin", "/sbin", "/lib", "/lib64", "/lib32"}) {
    if (IsLink(folder)) {
      add({"--symlink", absl::StrCat("usr", folder), folder});
    } else if (Exists(folder)) {
      add({"--ro-bind", folder, folder});
    }
  }
  for (const char* file : {"/etc/alternatives", "/etc/ld.so.cache"}) {
    if (Exists(file)) add({"--ro-bind", file, file});
  }
  const std::string size = absl::StrCat(command.limits.scratch_bytes);
  add({"--proc", "/proc", "--dev", "/dev", "--perms", "1777", "--size", size,
       "--tmpfs", "/dev/shm", "--perms", "1777", "--size", size, "--tmpfs",
       "/tmp"});
  for (const Bind& bind : command.binds) {
    const std::string& inside = bind.inside.empty() ? bind.host : bind.inside;
    // bubblewrap makes missing folders for the owner only.
    for (size_t slash = inside.find('/', 1); slash != std::string::npos;
         slash = inside.find('/', slash + 1)) {
      add({"--perms", "0755", "--dir", inside.substr(0, slash)});
    }
    add({bind.writable ? "--bind" : "--ro-bind", bind.host, inside});
  }
  add({"--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/", "--",
       absl::StrCat("/proc/self/fd/", kInitFd)});
  return args;
}

absl::StatusOr<std::string> PackConfig(const Command& command, bool isolated,
                                       const Identity& identity) {
  auto filter =
      MakeFilter({.allow_processes = command.allow_processes,
                  .allow_shared_memory = command.allow_shared_memory});
  if (!filter.ok()) return filter.status();
  Config config = {};
  const bool drop = isolated && identity.way == Identity::Way::kOther;
  config.uid = drop ? identity.uid : kKeepUid;
  config.gid = identity.gid;
  config.argc = command.argv.size();
  config.envc = command.env.size();
  config.filter_instructions = filter->size() / 8;
  config.isolated = isolated;
  config.has_channel = command.on_channel != nullptr;
  config.has_scratch = isolated;
  config.address_space = command.limits.address_space;
  config.processes = command.limits.processes;
  config.open_files = command.limits.open_files;
  config.memory_bytes = command.limits.memory_bytes;
  config.file_bytes = command.limits.file_bytes;
  config.cpu_seconds = command.limits.cpu_seconds;
  if (command.cwd.size() >= sizeof config.cwd) {
    return absl::InvalidArgumentError(
        "the working directory's name is too long");
  }
  memcpy(config.cwd, command.cwd.data(), command.cwd.size());
  std::string packed(reinterpret_cast<const char*>(&config), sizeof config);
  packed += *filter;
  for (const auto* list : {&command.argv, &command.env}) {
    for (const std::string& text : *list) {
      if (text.find('\0') != std::string::npos) {
        return absl::InvalidArgumentError("an argument contains a zero byte");
      }
      packed.append(text).push_back('\0');
    }
  }
  return packed;
}

absl::Status Validate(const Command& command) {
  if (command.argv.empty() || command.argv[0].empty() ||
      command.argv[0][0] != '/') {
    return absl::InvalidArgumentError(
        "a sandboxed command is named by its absolute path");
  }
  for (const Bind& bind : command.binds) {
    if (bind.host.empty() || bind.host[0] != '/' ||
        (!bind.inside.empty() && bind.inside[0] != '/')) {
      return absl::InvalidArgumentError(
          absl::StrCat("not an absolute path: ", bind.host));
    }
    if (!Exists(bind.host.c_str())) {
      return absl::InvalidArgumentError(
          absl::StrCat(bind.host, " does not exist"));
    }
  }
  return absl::OkStatus();
}

// Between fork and exec only calls that are async-signal-safe: other threads of
// racelab may have held any lock.
[[noreturn]] void Exec(const std::vector<std::pair<int, int>>& moves,
                       char* const* argv, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(125);
  setpgid(0, 0);
  for (const auto& [from, to] : moves) {
    if (dup2(from, to) < 0) _exit(125);
  }
  // A descriptor that another thread opened without O_CLOEXEC is not for them.
  close_range(kInitFd + 1, ~0u, 0);
  char* const env[] = {nullptr};
  execve(argv[0], argv, env);
  _exit(125);
}

}  // namespace

const std::string& BubblewrapPath() {
  static const std::string* const path = [] {
    for (const char* place : {"/usr/bin/bwrap", "/usr/local/bin/bwrap"}) {
      if (access(place, X_OK) == 0) return new std::string(place);
    }
    return new std::string();
  }();
  return *path;
}

std::optional<uint32_t> PickId(std::string_view map, uint32_t number) {
  constexpr uint64_t kFirst = 200'000'000;
  constexpr uint64_t kOverflow = 65534;  // stands for whom the namespace lacks
  const uint64_t wanted = kFirst + number % kNumbers;
  uint64_t begin = 0, end = 0;  // the range with the highest ids
  std::istringstream lines{std::string(map)};
  for (uint64_t inside, outside, count; lines >> inside >> outside >> count;) {
    if (inside <= wanted && wanted < inside + count) return wanted;
    if (inside + count > end) {
      begin = inside;
      end = inside + count;
    }
  }
  // Of a small range the top, which accounts are given last.
  begin = std::max({begin, uint64_t{1}, end - std::min<uint64_t>(end, 1000)});
  if (begin >= end) return std::nullopt;
  const uint64_t id = begin + number % (end - begin);
  if (id != kOverflow) return id;
  if (id > begin) return id - 1;
  return std::nullopt;
}

Identity ChooseIdentity() {
  Identity identity;
  // Where setgroups() is denied, root's groups could not be dropped.
  if (geteuid() != 0 || ReadProc("/proc/self/setgroups") == "deny\n") {
    return identity;
  }
  const uint32_t number = RunNumber();
  const auto uid = PickId(ReadProc("/proc/self/uid_map"), number);
  const auto gid = PickId(ReadProc("/proc/self/gid_map"), number);
  if (uid && gid) identity = {Identity::Way::kOther, *uid, *gid};
  return identity;
}

absl::Status WhyNothingBegan(int wait_status, std::string_view said,
                             bool no_sandbox) {
  int signal = 0;
  if (WIFSIGNALED(wait_status)) {
    signal = WTERMSIG(wait_status);
  } else if (WEXITSTATUS(wait_status) > 128) {
    // bubblewrap tells so of its inner process.
    signal = WEXITSTATUS(wait_status) - 128;
  }
  if (std::ranges::find(kForeignSignals, signal) != std::end(kForeignSignals)) {
    return absl::UnavailableError(absl::StrCat(
        "the sandbox was killed from outside by signal ", signal,
        " before a command began in it; see whether the machine ran out of "
        "memory, and try again"));
  }
  std::string why(absl::StripAsciiWhitespace(std::string(said)));
  if (signal != 0) {
    absl::StrAppend(&why, why.empty() ? "" : ", ", "ended by signal ", signal);
  }
  if (!why.empty()) why = absl::StrCat(" (", why, ")");
  if (no_sandbox) {
    return absl::InternalError(
        absl::StrCat("what watches over a command did not begin", why));
  }
  const std::string refused = absl::StrCat(
      "this machine does not let bubblewrap isolate a command", why, "; ");
  if (ChooseIdentity().way == Identity::Way::kOther) {
    return absl::FailedPreconditionError(absl::StrCat(
        refused,
        "give root the capabilities SYS_ADMIN, SETUID and SETGID here (in "
        "Docker: --cap-add SYS_ADMIN --security-opt seccomp=unconfined "
        "--security-opt apparmor=unconfined), or use --no-sandbox for code "
        "that you trust"));
  }
  return absl::FailedPreconditionError(absl::StrCat(
      refused,
      geteuid() == 0 ? "give this container more user ids (rootless Podman: "
                       "ranges in /etc/subuid and /etc/subgid)"
                     : "run as root",
      ", allow user namespaces (in Docker: --security-opt seccomp=unconfined "
      "--security-opt apparmor=unconfined, on Ubuntu: sysctl "
      "kernel.apparmor_restrict_unprivileged_userns=0), or use --no-sandbox "
      "for code that you trust"));
}

absl::StatusOr<Child> Launch(const Command& command) {
  if (absl::Status valid = Validate(command); !valid.ok()) return valid;
  const bool isolated = !command.no_sandbox;
  if (isolated && BubblewrapPath().empty()) {
    return absl::FailedPreconditionError(
        "bubblewrap is not installed, so nothing can be run in isolation; "
        "install it (apt-get install bubblewrap)");
  }
  const Identity identity = ChooseIdentity();
  auto packed = PackConfig(command, isolated, identity);
  if (!packed.ok()) return packed.status();
  auto config = MemoryFile("racelab-config", *packed);
  if (!config.ok()) return config.status();
  auto input = command.stdin_data.empty()
                   ? Lift(open("/dev/null", O_RDONLY | O_CLOEXEC), "/dev/null")
                   : MemoryFile("stdin", command.stdin_data);
  if (!input.ok()) return input.status();
  auto init = InitFd();
  if (!init.ok()) return init.status();

  Child child;
  Fd out, err, status, channel;
  for (const absl::Status& made :
       {MakePipe(child.out, out), MakePipe(child.err, err),
        MakePair(false, child.status, status),
        command.on_channel ? MakePair(true, child.channel, channel)
                           : absl::OkStatus()}) {
    if (!made.ok()) return made;
  }

  std::vector<std::pair<int, int>> moves = {{input->get(), 0},
                                            {out.get(), 1},
                                            {err.get(), 2},
                                            {status.get(), kStatusFd},
                                            {config->get(), kConfigFd},
                                            {*init, kInitFd}};
  // Never left open by chance: without a channel it is /dev/null's.
  moves.emplace_back(channel ? channel.get() : input->get(), kChannelFd);

  std::vector<std::string> args =
      isolated
          ? BubblewrapArguments(command, identity)
          : std::vector<std::string>{absl::StrCat("/proc/self/fd/", kInitFd)};
  std::vector<char*> argv;
  for (std::string& arg : args) argv.push_back(arg.data());
  argv.push_back(nullptr);

  const pid_t parent = getpid();
  child.pid = fork();
  if (child.pid < 0) return absl::ErrnoToStatus(errno, "fork");
  if (child.pid == 0) Exec(moves, argv.data(), parent);
  // Not reaped yet, so the number is still this child's.
  child.pidfd = Fd(static_cast<int>(syscall(SYS_pidfd_open, child.pid, 0)));
  return child;
}

}  // namespace racelab::sandbox
