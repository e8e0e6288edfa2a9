// A child of the runner's, forked while the runner is single-threaded and holds
// none of the student's code. The child loads the module and does the work; it
// talks to its parent in messages, and whatever happens to it is a value here.
//
// The parent never trusts what it is told: a message has a kind and bytes.
//
// Thread safety: Run from one thread at a time. Messenger::Send may be called
// from any thread of the child, and from signal handlers.

#ifndef RACELAB_RUNTIMES_COMMON_CHILD_H_
#define RACELAB_RUNTIMES_COMMON_CHILD_H_

#include <sys/types.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "runtimes/common/records.h"
#include "verdict/verdict.h"

namespace racelab::runtimes {

// The child's end. A message is delivered whole or not at all. Each begins with
// a secret of this child and its parent: a lab whose students may write() to
// pipes cannot keep them from writing to this descriptor, but what they write
// is no message.
class Messenger {
 public:
  static constexpr size_t kMaxBytes = 60000;  // longer ones are cut off
  using Secret = std::array<char, 16>;

  Messenger(int fd, const Secret& secret) : fd_(fd), secret_(secret) {}

  // Async-signal-safe. Blocks while the parent is behind.
  void Send(char kind, std::string_view bytes) const;

 private:
  int fd_;
  Secret secret_;
};

struct ChildEnd {
  enum class How {
    kExited,    // code
    kSignaled,  // signal
    kStopped,   // by the parent, because on_tick or stop said so
  };
  How how = How::kExited;
  int code = 0;
  int signal = 0;
};

struct ChildOptions {
  // In the child, after fork; its return value is the exit code (_exit). The
  // descriptor of the records is closed there.
  std::function<int(const Messenger&)> work;
  // In the parent, for each message.
  std::function<void(char kind, std::string_view bytes)> on_message;
  // In the parent, every `tick_seconds` at least. False: kill the child.
  std::function<bool(pid_t child)> on_tick;
  double tick_seconds = 0.02;
  // In the parent, after each message. True: enough has been heard; kill it.
  std::function<bool()> stop;
};

// Runs the child to its end; everything that it forked and left behind in its
// process group is killed. Error: the machine has no process for us.
absl::StatusOr<ChildEnd> RunChild(const ChildOptions& options);

struct TestListing {
  std::vector<TestInfo> tests;  // without bodies
  // The student's static initializers ended the process: no test can run.
  std::optional<verdict::Finding> crash;
};

// Loads the module in a child and lists its tests. FailedPrecondition: it
// cannot be loaded. DeadlineExceeded: its initializers do not end.
absl::StatusOr<TestListing> ListTestsInChild(const std::string& module);

// "SIGSEGV (invalid memory access)".
std::string SignalName(int signal);

}  // namespace racelab::runtimes

#endif  // RACELAB_RUNTIMES_COMMON_CHILD_H_
