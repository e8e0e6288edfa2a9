// Starts the sandbox's outer process for one command: lays out what init needs,
// chooses the isolation and forks. The caller watches it (sandbox.cc).

#ifndef RACELAB_SANDBOX_LAUNCH_H_
#define RACELAB_SANDBOX_LAUNCH_H_

#include <sys/types.h>
#include <unistd.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
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

// Why a sandbox that was launched ended without having begun a command: by its
// wait status, and by what is on its stderr, which is nobody else's then.
absl::Status WhyNothingBegan(int wait_status, std::string_view said,
                             bool no_sandbox);

// How an isolated command is kept from what the caller's account may do.
struct Identity {
  enum class Way {
    kOther,      // root's mounts, then other ids
    kNamespace,  // a user namespace of the command's own
  };
  Way way = Way::kNamespace;
  uint32_t uid = 0, gid = 0;  // only with kOther; others for every run
};
// kOther for root, unless it is that of a user namespace which has no ids but
// its own (`unshare -r`, containers without a range in /etc/subuid).
Identity ChooseIdentity();

// Of the ids that a user namespace maps, as /proc/PID/uid_map tells it, one
// that is least likely an account's, by a number below 10,000,000; nothing if
// there is only root's.
std::optional<uint32_t> PickId(std::string_view map, uint32_t number);

// Where bubblewrap is, or empty.
const std::string& BubblewrapPath();

}  // namespace racelab::sandbox

#endif  // RACELAB_SANDBOX_LAUNCH_H_
