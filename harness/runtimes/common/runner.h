// The frame of every runner: reads the request, says hello, finds the module's
// tests, has the engine judge each requested one, and writes the records.
//
//   int main(int argc, char** argv) {
//     racelab::stress::StressRunner runner;
//     return racelab::runtimes::RunnerMain(argc, argv, runner);
//   }
//
// Two shapes:
//
//   in this process   the module is loaded here, Judge() runs it here (model);
//   isolated          this process stays clean: only children forked from it
//   load
//                     the module (child.h). A crash, an exit() or a hang of the
//                     student's code is then something that happened to a
//                     child, and the record that tells of it can still be
//                     written (tsan, stress, process).
//
// Linking. A runner needs GoogleTest whole and everything exported, so that the
// module finds it: see racelab_runner() in runtimes/common/CMakeLists.txt.
//
// Thread safety: RunnerMain and Judge run in the main thread. The hooks of the
// scenario (Reached, …) may come from any thread.

#ifndef RACELAB_RUNTIMES_COMMON_RUNNER_H_
#define RACELAB_RUNTIMES_COMMON_RUNNER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "runtimes/common/module.h"
#include "runtimes/common/records.h"
#include "runtimes/common/request.h"
#include "verdict/judgement.h"
#include "verdict/verdict.h"

namespace racelab::runtimes {

// What Judge() may use.
class Session {
 public:
  Session(const Request& request, RecordWriter& records)
      : request_(request), records_(records) {}

  const Request& request() const { return request_; }
  // The loaded module; null in an isolated runner's own process.
  const LoadedModule* module() const { return module_.get(); }
  // A `progress` record; at most a few a second.
  void Progress(const TestInfo& test, uint64_t executions) {
    records_.Progress(test.name, executions);
  }
  // False: the engine has gone away, stop soon.
  bool wanted() const { return records_.ok(); }

  void set_module(std::unique_ptr<LoadedModule> module) {
    module_ = std::move(module);
  }

 private:
  const Request& request_;
  RecordWriter& records_;
  std::unique_ptr<LoadedModule> module_;
};

// RunnerMain fills in the result's `test` and `engine`.
using verdict::Judgement;

// What an engine cannot do here: becomes an `error` record.
struct CannotWork {
  std::string reason;
  std::string mend;
};

class EngineRunner {
 public:
  virtual ~EngineRunner() = default;

  virtual verdict::Engine engine() const = 0;
  virtual bool isolated() const = 0;

  // Before the module is loaded: read the options here, all of them, whether or
  // not they will be needed; RunnerMain looks at options.status() afterwards.
  // Not OK: the runner cannot work; the message is the reason, mend() the mend.
  virtual absl::Status Prepare(const Request& request) = 0;
  virtual std::string mend() const { return ""; }

  // Judges one test. Any outcome; never throws.
  virtual Judgement Judge(const TestInfo& test, Session& session) = 0;

  // After the last test: was the known race found that runs after the student's
  // code? Engines without a canary say true.
  virtual bool Canary(Session&) { return true; }

  // The hooks of labkit/hooks.h, in the process that runs the module.
  virtual void RunConcurrent(const TestInfo& test);  // calls test.body once
  virtual void Reached(const char* label, const char* file, int line);
  virtual void ExpectReachable(const char* label, const char* file, int line);
};

// Returns the exit code: kWorked after `done`, else kCannotWork. Usage:
//   runner.<engine> --fd=N | --request=FILE
// With --request, records go to stdout and what the student's code prints goes
// to stderr.
int RunnerMain(int argc, char** argv, EngineRunner& runner);

// The runner that RunnerMain was given; null before.
EngineRunner* CurrentRunner();

// A result for a test that could not be judged.
Judgement Inconclusive(std::string reason, std::string mend);

}  // namespace racelab::runtimes

#endif  // RACELAB_RUNTIMES_COMMON_RUNNER_H_
