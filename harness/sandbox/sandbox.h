// The only part of Racelab that starts processes: compilers, runners, and
// through them the code of somebody whom we do not trust.
//
// Theory of operation
// -------------------
//   racelab ── fork ── bwrap ── namespaces, mounts ── init (pid 1) ── fork ──
//   command
//      │                                                │
//      └──────────── status socket ─────────────────────┘
//
// *Isolation* is bubblewrap's: fresh pid, network, ipc, uts and mount
// namespaces. The command sees /usr read-only, its binds, a small /tmp and
// /dev/shm that vanish with it, and no network interface. Started by root, the
// mounts are made as root (so that a checkout in a private folder can be bound)
// and the uid is dropped to one that nobody has before the command starts:
// limits on the number of processes do not bind root. Anybody else, and root of
// a user namespace that has no other id, has bubblewrap make a user namespace.
//
// *Nothing survives.* `init` is a small program of ours, carried inside this
// library and run from memory, that is pid 1 of the namespace: when it ends,
// the kernel kills every process in there, daemons that called setsid too, and
// bwrap ends only after they are gone. It ends when the command has ended, when
// it is told to, and when the status socket closes, which it does however
// racelab dies.
//
// *How it ended* comes from init over the status socket, never from an exit
// code that a shell or bwrap could have made up: exit code and signal are told
// apart, and a sandbox that could not start is an absl::Status, never a result.
// The command can reach neither init (pid 1 ignores its signals and is not
// dumpable) nor the socket (closed before the command starts).
//
// *Limits.* Wall time: by us, from the start of Run. Cpu time and memory: by
// init, which looks at all processes inside 100 times a second; memory counts
// private pages, the largest shared mapping, /tmp and /dev/shm. It is never
// RLIMIT_AS unless asked for, because ThreadSanitizer reserves terabytes. File
// size, open files, processes and threads: by rlimits, with a cpu rlimit as a
// second line behind init. Output: by us, while reading.
//
// *System calls.* A seccomp filter refuses what no lab needs and what widens
// the kernel's attack surface: ptrace, the keyring, mount, bpf,
// perf_event_open, userfaultfd, io_uring, namespaces, raw sockets, other
// personalities than "no address randomization", and new processes unless
// allowed. Refused calls fail with EPERM (ENOSYS where libc has a fallback).
//
// No polling and no sleeps here: one poll() over the command's descriptors, the
// status socket, the child's pidfd and the cancel descriptor.
//
// What it does not do: it does not protect from bugs in the kernel, nor the
// runner from the student's code inside the same process.

#ifndef RACELAB_SANDBOX_SANDBOX_H_
#define RACELAB_SANDBOX_SANDBOX_H_

#include <signal.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace racelab::sandbox {

// A file or folder of the machine, seen by the command. Missing folders above
// `inside` are made.
struct Bind {
  std::string host;         // absolute, must exist
  std::string inside = {};  // absolute; empty: the same path as `host`
  bool writable = false;
};

struct Limits {
  double wall_seconds = 10;
  double cpu_seconds = 20;  // all processes and threads together
  uint64_t memory_bytes = uint64_t{1} << 30;
  // Also as RLIMIT_AS: an allocation then fails inside the command instead of
  // ending it. For compilers; never where ThreadSanitizer runs.
  bool address_space = false;
  int processes = 64;  // processes and threads
  int open_files = 128;
  uint64_t file_bytes = uint64_t{64} << 20;     // of each file written
  uint64_t scratch_bytes = uint64_t{64} << 20;  // of /tmp, and of /dev/shm
  // What is kept of stdout and of stderr; the rest is read and dropped.
  size_t keep_output = size_t{64} << 10;
  // stdout and stderr together: more ends the command.
  uint64_t output_bytes = uint64_t{64} << 20;
};

// The descriptor of the inherited socket inside the command.
inline constexpr int kChannelFd = 3;

struct Command {
  std::vector<std::string> argv;  // argv[0]: absolute path, as seen inside
  std::vector<std::string> env;   // "NAME=value"; nothing is inherited
  std::string cwd = "/";          // as seen inside
  std::vector<Bind> binds;
  std::string stdin_data;
  Limits limits;

  // May make processes (compilers, process labs), not only threads.
  bool allow_processes = false;
  // May use memfd_create and System V shared memory.
  bool allow_shared_memory = false;

  // With `on_channel`, the command inherits one end of a stream socketpair as
  // descriptor kChannelFd. `channel_input` is sent first; each chunk that
  // arrives is handed to `on_channel`, from Run's thread. Returning false ends
  // the command (End::kStopped). It must bound what it keeps.
  std::string channel_input;
  std::function<bool(std::string_view chunk)> on_channel;

  // Run without isolation where there is none: a process group, limits and the
  // system call filter only. For a person's own code on their own machine.
  bool no_sandbox = false;
};

struct RunResult {
  enum class End {
    kExited,     // by itself; `code` is the exit code
    kSignalled,  // `code` is the signal
    kWallLimit,
    kCpuLimit,
    kMemoryLimit,
    kOutputLimit,
    kStopped,  // on_channel returned false
  };
  End end = End::kExited;
  int code = 0;
  std::string out;  // at most keep_output bytes each
  std::string err;
  bool out_truncated = false;
  bool err_truncated = false;
  double wall_seconds = 0;
  double cpu_seconds = 0;
  uint64_t peak_memory = 0;  // as the memory limit counts it; 0: under 10 ms

  bool ok() const { return end == End::kExited && code == 0; }
};

// "exited with code 3", "killed by signal 11 (SIGSEGV)", "used more than 1024
// MiB of memory", …: a clause to build a sentence on.
std::string Describe(const RunResult& result, const Limits& limits);

// Who ends by one of these was killed from outside, if it is no program of a
// student's, which may send itself any.
inline constexpr int kForeignSignals[] = {SIGKILL, SIGTERM, SIGHUP, SIGINT,
                                          SIGQUIT};

// Runs `command` to its end and returns how it ended; when it returns, no
// process of it is left. Overhead: about 10 ms.
//
// Thread safety: from any threads at once; each call blocks its thread.
//
// Errors, all of them ours:
//   FailedPrecondition  no isolation on this machine (and !no_sandbox): what
//                       refused it, and the mend
//   InvalidArgument     a relative path, an empty argv, a bind that is missing
//   NotFound            argv[0] cannot be executed
//   Cancelled           CancelAll was called
//   Unavailable         the sandbox was killed from outside
//   Internal            the kernel refused a call that never fails
absl::StatusOr<RunResult> Run(const Command& command);

// Runs `command` in the terminal, with the caller's stdin, stdout and stderr,
// without isolation or limits, as debuggers need it. Returns how it ended.
absl::StatusOr<RunResult> RunInteractive(const Command& command);

// Ends every command that runs and makes every later Run fail with Cancelled.
// Async-signal-safe: call it from the handler of SIGINT and SIGTERM, then let
// the program unwind by itself.
void CancelAll();

// Whether CancelAll was called.
bool Cancelled();

// What this machine gives, for `doctor`. Runs one command to find out.
struct Isolation {
  bool works = false;
  // Each command has a user namespace of its own, so the machine must allow it.
  bool user_namespaces = false;
  std::string detail;  // "bubblewrap, in a user namespace", or why not
  std::string mend;    // empty if it works
};
Isolation ProbeIsolation();

}  // namespace racelab::sandbox

#endif  // RACELAB_SANDBOX_SANDBOX_H_
