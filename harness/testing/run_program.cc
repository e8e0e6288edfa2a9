#include "testing/run_program.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

extern char** environ;

namespace racelab::testing {
namespace {

std::string ReadAll(int fd) {
  std::string text;
  lseek(fd, 0, SEEK_SET);
  char buffer[1 << 14];
  for (;;) {
    const ssize_t got = read(fd, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return text;
    text.append(buffer, static_cast<size_t>(got));
  }
}

}  // namespace

Program::Program(const std::vector<std::string>& argv,
                 const std::filesystem::path& cwd) {
  out_ = memfd_create("stdout", MFD_CLOEXEC);
  err_ = memfd_create("stderr", MFD_CLOEXEC);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out_, 1);
  posix_spawn_file_actions_adddup2(&actions, err_, 2);
  posix_spawn_file_actions_addchdir_np(&actions, cwd.c_str());
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  posix_spawnattr_setpgroup(&attributes, 0);
  // The program ends with the test, however that ends.
  static constexpr const char* kPrefix[] = {"setpriv", "--pdeathsig", "KILL",
                                            "--"};
  std::vector<char*> words;
  for (const char* word : kPrefix) words.push_back(const_cast<char*>(word));
  for (const std::string& word : argv) {
    words.push_back(const_cast<char*>(word.c_str()));
  }
  words.push_back(nullptr);
  const int error = posix_spawnp(&pid_, words[0], &actions, &attributes,
                                 words.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::runtime_error("cannot start setpriv");
}

Program::~Program() {
  if (!reaped_) {
    kill(-pid_, SIGKILL);
    Wait();
  }
  close(out_);
  close(err_);
}

bool Program::HasChildren() const {
  const std::string id = std::to_string(pid_);
  std::ifstream children("/proc/" + id + "/task/" + id + "/children");
  int child = 0;
  if (children >> child) return true;
  // Children belong to the thread that started them.
  std::error_code error;
  for (const auto& task :
       std::filesystem::directory_iterator("/proc/" + id + "/task", error)) {
    std::ifstream of_task(task.path() / "children");
    if (of_task >> child) return true;
  }
  return false;
}

bool Program::Ended() {
  if (!reaped_) reaped_ = waitpid(pid_, &status_, WNOHANG) == pid_;
  return reaped_;
}

void Program::Signal(int number) { kill(pid_, number); }

ProgramResult Program::Wait() {
  while (!reaped_) {
    if (waitpid(pid_, &status_, 0) == pid_) reaped_ = true;
    if (!reaped_ && errno != EINTR) break;
  }
  ProgramResult result;
  if (WIFEXITED(status_)) result.exit_code = WEXITSTATUS(status_);
  if (WIFSIGNALED(status_)) result.signal = WTERMSIG(status_);
  result.out = ReadAll(out_);
  result.err = ReadAll(err_);
  return result;
}

ProgramResult RunProgram(const std::vector<std::string>& argv,
                         const std::filesystem::path& cwd) {
  return Program(argv, cwd).Wait();
}

}  // namespace racelab::testing
