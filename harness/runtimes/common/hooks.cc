#include "labkit/hooks.h"

#include <string>

#include "labkit/labkit.h"
#include "labkit/process_hooks.h"
#include "runtimes/common/declared.h"
#include "runtimes/common/runner.h"

namespace racelab::runtimes {

std::vector<TestInfo>& DeclaredConcurrentTests() {
  // Never destroyed: the module may outlive this file's statics.
  static auto* tests = new std::vector<TestInfo>;
  return *tests;
}

}  // namespace racelab::runtimes

using ::racelab::runtimes::CurrentRunner;
using ::racelab::runtimes::DeclaredConcurrentTests;
using ::racelab::runtimes::EngineRunner;
using ::racelab::runtimes::TestInfo;

int racelab_declare_concurrent(const char* suite, const char* name,
                               const char* file, int line, void (*body)()) {
  DeclaredConcurrentTests().push_back({.name = std::string(suite) + "." + name,
                                       .concurrent = true,
                                       .file = file,
                                       .line = line,
                                       .body = body});
  return 1;
}

void racelab_run_concurrent(const char* suite, const char* name,
                            const char* file, int line, void (*body)()) {
  const TestInfo test{.name = std::string(suite) + "." + name,
                      .concurrent = true,
                      .file = file,
                      .line = line,
                      .body = body};
  if (EngineRunner* runner = CurrentRunner()) {
    runner->RunConcurrent(test);
  } else {
    body();
  }
}

int racelab_engine() {
  const EngineRunner* runner = CurrentRunner();
  if (runner == nullptr) return static_cast<int>(labkit::EngineId::kModel);
  switch (runner->engine()) {
    case racelab::verdict::Engine::kTsan:
      return static_cast<int>(labkit::EngineId::kTsan);
    case racelab::verdict::Engine::kStress:
      return static_cast<int>(labkit::EngineId::kStress);
    case racelab::verdict::Engine::kProcess:
      return static_cast<int>(labkit::EngineId::kProcess);
    case racelab::verdict::Engine::kModel:
    case racelab::verdict::Engine::kStatic:
      break;
  }
  return static_cast<int>(labkit::EngineId::kModel);
}

void racelab_reached(const char* label, const char* file, int line) {
  if (EngineRunner* runner = CurrentRunner()) {
    runner->Reached(label, file, line);
  }
}

void racelab_expect_reachable(const char* label, const char* file, int line) {
  if (EngineRunner* runner = CurrentRunner()) {
    runner->ExpectReachable(label, file, line);
  }
}

// runner.process has its own (process/trouble.cc); elsewhere there is no
// trouble to order.
__attribute__((weak)) void racelab_limit_io(int, int) {}
__attribute__((weak)) void racelab_arm_kill(const char*, int) {}
__attribute__((weak)) void racelab_kill_point(const char*) {}
