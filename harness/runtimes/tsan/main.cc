#include <stdlib.h>
#include <unistd.h>

#include "runtimes/common/runner.h"
#include "runtimes/tsan/started.h"
#include "runtimes/tsan/tsan_runner.h"

int main(int argc, char** argv) {
  // libtsan read its options from there before main, over ours: start again
  // without.
  if (getenv("TSAN_OPTIONS") != nullptr) {
    unsetenv("TSAN_OPTIONS");
    execv("/proc/self/exe", argv);
  }
  racelab::tsan::MarkStarted();
  racelab::tsan::TsanRunner runner;
  return racelab::runtimes::RunnerMain(argc, argv, runner);
}
