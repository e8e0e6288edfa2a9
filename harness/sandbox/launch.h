// Starts the sandbox's outer process for one command: lays out what init needs,
// chooses the isolation and forks. The caller watches it (sandbox.cc).

#ifndef RACELAB_SANDBOX_LAUNCH_H_
#define RACELAB_SANDBOX_LAUNCH_H_

#include <sys/types.h>
#include <unistd.h>

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "sandbox/sandbox.h"

namespace racelab::sandbox {

// Owns a descriptor.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) {
      Close();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  ~Fd() { Close(); }
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  void Close() {
    if (fd_ >= 0) close(std::exchange(fd_, -1));
  }

 private:
  int fd_ = -1;
};

// Our ends of a sandbox that has been started.
struct Child {
  pid_t pid = -1;  // of bwrap, or of init without isolation; ours to reap
  Fd pidfd;
  Fd out, err, status;
  Fd channel;  // only with on_channel
};

absl::StatusOr<Child> Launch(const Command& command);

// Where bubblewrap is, or empty.
const std::string& BubblewrapPath();

}  // namespace racelab::sandbox

#endif  // RACELAB_SANDBOX_LAUNCH_H_
