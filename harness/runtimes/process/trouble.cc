#include "runtimes/process/trouble.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>

#include "labkit/process_hooks.h"
#include "runtimes/common/raw_syscall.h"

namespace racelab::process {
namespace {

using runtimes::RawSyscall;

// Written before the tests run, read-only afterwards.
runtimes::MemoryRange troubled;

// Relaxed throughout: each is a setting by itself and publishes nothing.
std::atomic<int> max_bytes{0};
std::atomic<int> interrupt_every{0};
std::atomic<unsigned> transfers{0};
std::atomic<const char*> armed{nullptr};
std::atomic<int> passes_left{0};

// libc's convention: -1 and errno.
ssize_t Returned(long result) {
  if (result >= 0) return result;
  errno = static_cast<int>(-result);
  return -1;
}

// How many of `wanted` bytes the call may move; 0 with errno set to EINTR in
// `*interrupted` if it is to be interrupted.
size_t Allowed(const void* caller, size_t wanted, bool* interrupted) {
  *interrupted = false;
  if (!troubled.Contains(reinterpret_cast<uintptr_t>(caller))) return wanted;
  const int every = interrupt_every.load(std::memory_order_relaxed);
  if (every > 0 &&
      transfers.fetch_add(1, std::memory_order_relaxed) % every == 0) {
    *interrupted = true;
    return 0;
  }
  const int most = max_bytes.load(std::memory_order_relaxed);
  return most > 0 ? std::min(wanted, static_cast<size_t>(most)) : wanted;
}

}  // namespace

void TroubleCallsFrom(runtimes::MemoryRange module) { troubled = module; }

}  // namespace racelab::process

using ::racelab::process::Allowed;
using ::racelab::process::armed;
using ::racelab::process::interrupt_every;
using ::racelab::process::max_bytes;
using ::racelab::process::passes_left;
using ::racelab::process::Returned;
using ::racelab::runtimes::RawSyscall;

extern "C" {

void racelab_limit_io(int bytes, int every) {
  max_bytes.store(bytes, std::memory_order_relaxed);
  interrupt_every.store(every, std::memory_order_relaxed);
}

void racelab_arm_kill(const char* name, int nth) {
  passes_left.store(nth, std::memory_order_relaxed);
  armed.store(name, std::memory_order_relaxed);
}

void racelab_kill_point(const char* name) {
  const char* wanted = armed.load(std::memory_order_relaxed);
  if (wanted == nullptr || strcmp(wanted, name) != 0) return;
  if (passes_left.fetch_sub(1, std::memory_order_relaxed) != 1) return;
  RawSyscall(SYS_kill, getpid(), SIGKILL);
}

ssize_t read(int fd, void* buffer, size_t size) {
  bool interrupted;
  size = Allowed(__builtin_return_address(0), size, &interrupted);
  if (interrupted) return Returned(-EINTR);
  return Returned(RawSyscall(SYS_read, fd, reinterpret_cast<long>(buffer),
                             static_cast<long>(size)));
}

ssize_t write(int fd, const void* buffer, size_t size) {
  bool interrupted;
  size = Allowed(__builtin_return_address(0), size, &interrupted);
  if (interrupted) return Returned(-EINTR);
  return Returned(RawSyscall(SYS_write, fd, reinterpret_cast<long>(buffer),
                             static_cast<long>(size)));
}

ssize_t recv(int fd, void* buffer, size_t size, int flags) {
  bool interrupted;
  size = Allowed(__builtin_return_address(0), size, &interrupted);
  if (interrupted) return Returned(-EINTR);
  return Returned(RawSyscall(SYS_recvfrom, fd, reinterpret_cast<long>(buffer),
                             static_cast<long>(size), flags));
}

ssize_t send(int fd, const void* buffer, size_t size, int flags) {
  bool interrupted;
  size = Allowed(__builtin_return_address(0), size, &interrupted);
  if (interrupted) return Returned(-EINTR);
  return Returned(RawSyscall(SYS_sendto, fd, reinterpret_cast<long>(buffer),
                             static_cast<long>(size), flags));
}

}  // extern "C"
