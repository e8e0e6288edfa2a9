// Starts a program as a person would, for end-to-end tests, and waits for it.
// Tests only: the product starts programs through sandbox/.

#ifndef RACELAB_TESTING_RUN_PROGRAM_H_
#define RACELAB_TESTING_RUN_PROGRAM_H_

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace racelab::testing {

struct ProgramResult {
  int exit_code = -1;  // -1: ended by `signal`
  int signal = 0;
  std::string out;
  std::string err;
};

// A program in a process group of its own. The destructor kills the group.
class Program {
 public:
  explicit Program(const std::vector<std::string>& argv,
                   const std::filesystem::path& cwd = ".");
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program();

  pid_t pid() const { return pid_; }
  // True while the program has a child process.
  bool HasChildren() const;
  // Gone, and waited for or not.
  bool Ended();
  void Signal(int number);
  ProgramResult Wait();

 private:
  pid_t pid_ = -1;
  bool reaped_ = false;
  int status_ = 0;
  int out_ = -1;  // temporary files without a name
  int err_ = -1;
};

// Runs it to its end.
ProgramResult RunProgram(const std::vector<std::string>& argv,
                         const std::filesystem::path& cwd = ".");

}  // namespace racelab::testing

#endif  // RACELAB_TESTING_RUN_PROGRAM_H_
