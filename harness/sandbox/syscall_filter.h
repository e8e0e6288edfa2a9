// The system calls that a command may make, as a seccomp filter program.

#ifndef RACELAB_SANDBOX_SYSCALL_FILTER_H_
#define RACELAB_SANDBOX_SYSCALL_FILTER_H_

#include <string>

#include "absl/status/statusor.h"

namespace racelab::sandbox {

struct FilterOptions {
  bool allow_processes = false;
  bool allow_shared_memory = false;
};

// The BPF program as bytes: instructions of 8 bytes (struct sock_filter).
// Refused calls fail with EPERM, those that libc replaces by others with
// ENOSYS. Other architectures' calls (i386, x32) end the process.
absl::StatusOr<std::string> MakeFilter(const FilterOptions& options);

}  // namespace racelab::sandbox

#endif  // RACELAB_SANDBOX_SYSCALL_FILTER_H_
