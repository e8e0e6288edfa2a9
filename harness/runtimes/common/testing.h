// Starts a runner as its engine does, and gives back what it said. For the
// runners' tests.

#ifndef RACELAB_RUNTIMES_COMMON_TESTING_H_
#define RACELAB_RUNTIMES_COMMON_TESTING_H_

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "verdict/verdict.h"

namespace racelab::runtimes {

struct RunnerAsk {
  std::string runner;  // path of the binary
  std::string module;
  bool native = false;
  std::vector<std::string> tests;
  std::string options = "{}";  // JSON
  uint64_t seed = 1;
  // Sent in place of the request above, if not empty.
  std::string raw;
};

struct RunnerAnswer {
  std::vector<std::string> records;  // lines, in order
  int exit_code = -1;                // -1: it died of `signal`
  int signal = 0;
  std::string output;  // its stdout and stderr
  double seconds = 0;

  // Are nonce and seq of every record as they must be?
  bool well_formed = false;
  bool done = false;
  bool canary = false;
  std::string error;               // reason of an `error` record
  std::vector<std::string> tests;  // names in `tests`
  std::vector<verdict::TestResult> results;
  std::vector<std::string> replays;  // beside results

  // The result of `test`; a harness error that says so if there is none.
  verdict::TestResult ResultOf(const std::string& test) const;
};

RunnerAnswer AskRunner(const RunnerAsk& ask);

// "fail data-race at scenario.cc:12: …", for messages of expectations.
std::string Describe(const verdict::TestResult& result);

}  // namespace racelab::runtimes

#endif  // RACELAB_RUNTIMES_COMMON_TESTING_H_
