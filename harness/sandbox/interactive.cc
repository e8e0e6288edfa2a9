// RunInteractive and ProbeIsolation: what people, not graders, need.

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "sandbox/launch.h"
#include "sandbox/sandbox.h"

namespace racelab::sandbox {
namespace {

// The terminal sends SIGINT and SIGQUIT to us too; they are meant for the
// command.
class IgnoreTerminalSignals {
 public:
  IgnoreTerminalSignals() {
    struct sigaction ignore = {};
    ignore.sa_handler = SIG_IGN;
    sigaction(SIGINT, &ignore, &interrupt_);
    sigaction(SIGQUIT, &ignore, &quit_);
  }
  ~IgnoreTerminalSignals() {
    sigaction(SIGINT, &interrupt_, nullptr);
    sigaction(SIGQUIT, &quit_, nullptr);
  }

 private:
  struct sigaction interrupt_, quit_;
};

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& string : strings) pointers.push_back(string.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

absl::StatusOr<RunResult> RunInteractive(const Command& command) {
  if (command.argv.empty() || command.argv[0][0] != '/') {
    return absl::InvalidArgumentError(
        "a command is named by its absolute path");
  }
  std::vector<std::string> args = command.argv, env = command.env;
  const std::vector<char*> argv = Pointers(args), envp = Pointers(env);
  const IgnoreTerminalSignals ignore;
  const pid_t pid = fork();
  if (pid < 0) return absl::ErrnoToStatus(errno, "fork");
  if (pid == 0) {
    signal(SIGINT, SIG_DFL);
    signal(SIGQUIT, SIG_DFL);
    if (chdir(command.cwd.c_str()) == 0) {
      execve(argv[0], argv.data(), envp.data());
    }
    _exit(127);
  }
  int status = 0;
  while (waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) return absl::ErrnoToStatus(errno, "waitpid");
  }
  RunResult result;
  if (WIFSIGNALED(status)) {
    result.end = RunResult::End::kSignalled;
    result.code = WTERMSIG(status);
  } else {
    result.code = WEXITSTATUS(status);
  }
  return result;
}

Isolation ProbeIsolation() {
  Command command;
  command.argv = {"/usr/bin/true"};
  const auto result = Run(command);
  Isolation isolation;
  const bool other = ChooseIdentity().way == Identity::Way::kOther;
  isolation.user_namespaces = !other;
  if (result.ok() && result->ok()) {
    isolation.works = true;
    isolation.detail = absl::StrCat(
        "bubblewrap", other ? ", mounts made as root, the command's uid dropped"
                            : ", in a user namespace");
    return isolation;
  }
  const std::string message = result.ok()
                                  ? Describe(*result, command.limits)
                                  : std::string(result.status().message());
  // "what happened; what to do about it"
  const size_t mend = message.rfind("; ");
  isolation.detail = message.substr(0, mend);
  if (mend != std::string::npos) isolation.mend = message.substr(mend + 2);
  return isolation;
}

}  // namespace racelab::sandbox
