#include "runtimes/common/runner.h"
#include "runtimes/tsan/started.h"
#include "runtimes/tsan/tsan_runner.h"

int main(int argc, char** argv) {
  racelab::tsan::MarkStarted();
  racelab::tsan::TsanRunner runner;
  return racelab::runtimes::RunnerMain(argc, argv, runner);
}
