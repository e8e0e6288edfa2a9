#include "runtimes/common/runner.h"
#include "runtimes/stress/stress_runner.h"

int main(int argc, char** argv) {
  racelab::stress::StressRunner runner;
  return racelab::runtimes::RunnerMain(argc, argv, runner);
}
