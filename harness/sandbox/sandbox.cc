#include "sandbox/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "sandbox/init_protocol.h"
#include "sandbox/launch.h"

namespace racelab::sandbox {
namespace {

using Clock = std::chrono::steady_clock;

// Written by CancelAll, never read: readable for every poll from then on.
// Made before main, so that a signal handler finds it.
const int cancel_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
// Release in CancelAll, acquire in Cancelled: who sees true also sees the
// descriptor written.
std::atomic<bool> cancelled = false;
static_assert(std::atomic<bool>::is_always_lock_free);

// How long init may take to end after it was told to. It only kills.
constexpr std::chrono::seconds kStopPatience(2);

double Seconds(Clock::duration duration) {
  return std::chrono::duration<double>(duration).count();
}

// One Run, from launch to the end of the last process.
class Supervisor {
 public:
  explicit Supervisor(const Command& command) : command_(command) {}
  ~Supervisor() {
    if (child_.pid > 0 && !reaped_) {
      KillGroup();
      waitpid(child_.pid, nullptr, 0);
    }
  }

  absl::StatusOr<RunResult> Run() {
    begin_ = Clock::now();
    auto child = Launch(command_);
    if (!child.ok()) return child.status();
    child_ = *std::move(child);
    if (!child_.pidfd) return absl::ErrnoToStatus(errno, "pidfd_open");
    deadline_ =
        begin_ +
        std::chrono::duration_cast<Clock::duration>(
            std::chrono::duration<double>(command_.limits.wall_seconds));
    while (!reaped_) {
      if (absl::Status step = Step(); !step.ok()) return step;
    }
    // What the pipes still hold: everybody who could write is dead.
    Drain(child_.out, result_.out, result_.out_truncated);
    Drain(child_.err, result_.err, result_.err_truncated);
    DrainChannel();
    return Conclude();
  }

 private:
  enum class Stop { kNo, kWall, kOutput, kCaller, kCancel };

  absl::Status Step() {
    pollfd fds[] = {{child_.pidfd.get(), POLLIN, 0},
                    {child_.status.get(), POLLIN, 0},
                    {child_.out.get(), POLLIN, 0},
                    {child_.err.get(), POLLIN, 0},
                    {child_.channel.get(), ChannelEvents(), 0},
                    {stop_ == Stop::kNo ? cancel_fd : -1, POLLIN, 0}};
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline_ - Clock::now());
    const int timeout =
        static_cast<int>(std::clamp<int64_t>(left.count(), 0, 1 << 30));
    if (poll(fds, std::size(fds), timeout) < 0 && errno != EINTR) {
      return absl::ErrnoToStatus(errno, "poll");
    }
    if (fds[1].revents != 0) ReadStatus();
    if (fds[2].revents != 0) {
      Read(child_.out, result_.out, result_.out_truncated);
    }
    if (fds[3].revents != 0) {
      Read(child_.err, result_.err, result_.err_truncated);
    }
    if (fds[4].revents & POLLOUT) WriteChannel();
    if (fds[4].revents & (POLLIN | POLLHUP | POLLERR)) ReadChannel();
    if (fds[5].revents != 0) Order(Stop::kCancel);
    if (fds[0].revents != 0) {
      ReadStatus();
      waitpid(child_.pid, &wait_status_, 0);
      reaped_ = true;
    } else if (Clock::now() >= deadline_) {
      if (stop_ == Stop::kNo) {
        Order(Stop::kWall);
      } else {
        // init did not obey: take everything away from outside.
        KillGroup();
        deadline_ = Clock::now() + kStopPatience;
      }
    }
    return absl::OkStatus();
  }

  // Bubblewrap is two processes, of which the second waits for the first, even
  // for one that is dead, until it has learned to die with it.
  void KillGroup() const {
    if (kill(-child_.pid, SIGKILL) != 0) kill(child_.pid, SIGKILL);
  }

  void Order(Stop why) {
    if (stop_ != Stop::kNo) return;
    stop_ = why;
    if (reaped_) return;  // what is read now was left behind
    deadline_ = Clock::now() + kStopPatience;
    if (!ready_) {
      // There is no init yet that could obey.
      KillGroup();
      return;
    }
    const auto order = sandbox::Order::kStop;
    (void)!send(child_.status.get(), &order, sizeof order,
                MSG_NOSIGNAL | MSG_DONTWAIT);
  }

  void ReadStatus() {
    Report report;
    ssize_t got;
    while (child_.status && (got = recv(child_.status.get(), &report,
                                        sizeof report, MSG_DONTWAIT)) >= 0) {
      if (got != sizeof report) {  // 0: init has ended
        child_.status.Close();
        return;
      }
      if (report.kind == Report::Kind::kReady) {
        ready_ = true;
      } else {
        report_ = report;
      }
    }
    if (child_.status && errno != EAGAIN && errno != EINTR) {
      child_.status.Close();
    }
  }

  // Reads what is there, once: poll says when there is more.
  bool Read(Fd& fd, std::string& kept, bool& truncated) {
    char buffer[16384];
    const ssize_t got = read(fd.get(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) return true;
    if (got <= 0) {
      fd.Close();
      return false;
    }
    output_bytes_ += got;
    const size_t room = command_.limits.keep_output - kept.size();
    kept.append(buffer, std::min<size_t>(got, room));
    if (static_cast<size_t>(got) > room) truncated = true;
    if (output_bytes_ > command_.limits.output_bytes) Order(Stop::kOutput);
    return true;
  }

  void Drain(Fd& fd, std::string& kept, bool& truncated) {
    if (!fd) return;
    fcntl(fd.get(), F_SETFL, O_NONBLOCK);
    while (fd && Read(fd, kept, truncated)) {
    }
  }

  short ChannelEvents() const {
    return sent_ < command_.channel_input.size() ? POLLIN | POLLOUT : POLLIN;
  }

  void WriteChannel() {
    const std::string& input = command_.channel_input;
    const ssize_t sent =
        send(child_.channel.get(), input.data() + sent_, input.size() - sent_,
             MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) sent_ += sent;
    if (sent < 0 && errno != EAGAIN && errno != EINTR) sent_ = input.size();
  }

  bool ReadChannel() {
    char buffer[65536];
    const ssize_t got =
        recv(child_.channel.get(), buffer, sizeof buffer, MSG_DONTWAIT);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) return false;
    if (got <= 0) {
      child_.channel.Close();
      return false;
    }
    if (stop_ == Stop::kNo &&
        !command_.on_channel({buffer, static_cast<size_t>(got)})) {
      Order(Stop::kCaller);
    }
    return true;
  }

  void DrainChannel() {
    while (child_.channel && ReadChannel()) {
    }
  }

  absl::StatusOr<RunResult> Conclude() {
    result_.wall_seconds = Seconds(Clock::now() - begin_);
    if (stop_ == Stop::kCancel) return absl::CancelledError("interrupted");
    if (report_ && report_->kind == Report::Kind::kFailed) return Failed();
    if (report_) {
      result_.cpu_seconds = report_->cpu_microseconds / 1e6;
      result_.peak_memory = report_->peak_memory;
    }
    switch (stop_) {
      case Stop::kWall:
        result_.end = RunResult::End::kWallLimit;
        return result_;
      case Stop::kOutput:
        result_.end = RunResult::End::kOutputLimit;
        return result_;
      case Stop::kCaller:
        result_.end = RunResult::End::kStopped;
        return result_;
      case Stop::kNo:
      case Stop::kCancel:
        break;
    }
    if (!ready_) {
      return WhyNothingBegan(wait_status_, result_.err, command_.no_sandbox);
    }
    if (!report_) {
      return absl::UnavailableError(
          "the sandbox was killed from outside while a command ran in it; see "
          "whether the machine ran out of memory, and try again");
    }
    result_.code = report_->code;
    switch (report_->end) {
      case InitEnd::kExited:
        result_.end = RunResult::End::kExited;
        break;
      case InitEnd::kSignalled:
        result_.end = RunResult::End::kSignalled;
        break;
      case InitEnd::kCpuLimit:
        result_.end = RunResult::End::kCpuLimit;
        break;
      case InitEnd::kMemoryLimit:
        result_.end = RunResult::End::kMemoryLimit;
        break;
    }
    return result_;
  }

  absl::Status Failed() const {
    const std::string step(report_->step,
                           strnlen(report_->step, sizeof report_->step));
    const char* reason = strerror(report_->code);
    if (step == "exec") {
      return absl::NotFoundError(
          absl::StrCat("cannot execute ", command_.argv[0], ": ", reason));
    }
    if (step == "chdir") {
      return absl::InvalidArgumentError(absl::StrCat(
          "cannot work in ", command_.cwd, " inside the sandbox: ", reason));
    }
    const std::string failed =
        absl::StrCat("the sandbox's ", step, " failed: ", reason);
    if (step.starts_with("set")) {
      return absl::FailedPreconditionError(absl::StrCat(
          failed,
          "; give root the capabilities SETUID and SETGID here, or run as "
          "another user"));
    }
    return absl::InternalError(failed);
  }

  const Command& command_;
  Child child_;
  RunResult result_;
  Clock::time_point begin_, deadline_;
  Stop stop_ = Stop::kNo;
  bool ready_ = false;
  bool reaped_ = false;
  int wait_status_ = 0;
  size_t sent_ = 0;
  uint64_t output_bytes_ = 0;
  std::optional<Report> report_;
};

}  // namespace

absl::StatusOr<RunResult> Run(const Command& command) {
  if (Cancelled()) return absl::CancelledError("interrupted");
  return Supervisor(command).Run();
}

void CancelAll() {
  const int saved = errno;
  const uint64_t one = 1;
  (void)!write(cancel_fd, &one, sizeof one);
  cancelled.store(true, std::memory_order_release);
  errno = saved;
}

bool Cancelled() { return cancelled.load(std::memory_order_acquire); }

std::string Describe(const RunResult& result, const Limits& limits) {
  switch (result.end) {
    case RunResult::End::kExited:
      return absl::StrCat("exited with code ", result.code);
    case RunResult::End::kSignalled: {
      const char* name = sigabbrev_np(result.code);
      return absl::StrCat("killed by signal ", result.code,
                          name ? absl::StrCat(" (SIG", name, ")") : "");
    }
    case RunResult::End::kWallLimit:
      return absl::StrFormat("not finished after %g seconds",
                             limits.wall_seconds);
    case RunResult::End::kCpuLimit:
      return absl::StrFormat("used more than %g seconds of cpu time",
                             limits.cpu_seconds);
    case RunResult::End::kMemoryLimit:
      return absl::StrCat("used more than ", limits.memory_bytes >> 20,
                          " MiB of memory");
    case RunResult::End::kOutputLimit:
      return absl::StrCat("printed more than ", limits.output_bytes >> 20,
                          " MiB");
    case RunResult::End::kStopped:
      return "stopped";
  }
  return "ended";
}

}  // namespace racelab::sandbox
