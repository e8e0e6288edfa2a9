// GoogleTest, as the runners use it: no text, no exit code; failed expectations
// are values.
//
// Thread safety: RunGoogleTest and the constructor of ExpectationScope by one
// thread at a time. The callback runs in the thread that failed, with
// GoogleTest's own lock held: it must not throw, nor use GoogleTest.

#ifndef RACELAB_RUNTIMES_COMMON_EXPECTATIONS_H_
#define RACELAB_RUNTIMES_COMMON_EXPECTATIONS_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "verdict/verdict.h"

namespace racelab::runtimes {

// An EXPECT_ or ASSERT_ that did not hold, or an exception that left a TEST.
struct ExpectationFailure {
  std::string file;  // as compiled; empty for an exception
  int line = 0;
  std::string message;
  bool fatal = false;  // ASSERT_
};

// Takes the failures of every thread, and its GTEST_SKIP(), instead of
// GoogleTest, while it lives. For bodies that are called without RunGoogleTest.
class ExpectationScope {
 public:
  ExpectationScope(std::function<void(const ExpectationFailure&)> on_failure,
                   std::function<void()> on_skip);
  ~ExpectationScope();
  ExpectationScope(const ExpectationScope&) = delete;
  ExpectationScope& operator=(const ExpectationScope&) = delete;

 private:
  class Reporter;
  std::unique_ptr<Reporter> reporter_;
};

struct GoogleTestRun {
  bool ran = false;      // false: there is no such test
  bool skipped = false;  // it left with GTEST_SKIP(): nothing is proved, and no
                         // runner may call it passed
  std::vector<ExpectationFailure> failures;
};

// Runs one test of the loaded module, with its fixture. A CONCURRENT_TEST
// arrives in EngineRunner::RunConcurrent. Its own calls of RUN_ALL_TESTS are
// not allowed.
GoogleTestRun RunGoogleTest(const std::string& name);

// Makes GoogleTest deaf and dumb: no printer, no flags from the environment.
// Call once before anything else here; RunnerMain does.
void PrepareGoogleTest();

// "expected … " as a finding: kWrongResult at the expectation's line, or kCrash
// for an exception. All of the message's lines go to `output`.
verdict::Finding ToFinding(const ExpectationFailure& failure);

}  // namespace racelab::runtimes

#endif  // RACELAB_RUNTIMES_COMMON_EXPECTATIONS_H_
