// What a runner said, read as hostile text: the records of one run.
//
// A record counts if it has the run's nonce, the next sequence number, a known
// type, and a place in the order hello, tests, (begin, progress…, result)…,
// done. The first one that does not ends the reading: whatever wrote it was not
// the runner alone.
//
// Thread safety: none; fed by one thread.

#ifndef RACELAB_ENGINES_TRANSCRIPT_H_
#define RACELAB_ENGINES_TRANSCRIPT_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "verdict/judgement.h"
#include "verdict/verdict.h"

namespace racelab::engines {

class Transcript {
 public:
  static constexpr size_t kMaxRecord = 8 << 20;  // bytes
  static constexpr size_t kMaxTotal = 64 << 20;

  Transcript(verdict::Engine engine, std::string nonce,
             std::vector<std::string> tests);

  // False: stop, it is broken.
  bool Feed(std::string_view chunk);

  // The sentence that says what was wrong; empty while nothing is.
  const std::string& broken() const { return broken_; }
  bool hello() const { return hello_; }
  bool done() const { return done_; }
  bool canary() const { return canary_; }
  // The test that had begun and has no result; empty if there is none.
  const std::string& running() const { return running_; }
  const std::map<std::string, verdict::Judgement>& results() const {
    return results_;
  }
  // The runner's own `error` record.
  struct Error {
    std::string reason, mend;
  };
  const std::optional<Error>& error() const { return error_; }

  std::function<void(std::string_view test)> on_begin;
  std::function<void(std::string_view test, uint64_t executions)> on_progress;

 private:
  // Empty, or what is wrong with the line.
  std::string Read(std::string_view line);

  const verdict::Engine engine_;
  const std::string nonce_;
  const std::vector<std::string> tests_;
  std::string rest_;  // the beginning of a line that is not there yet
  size_t total_ = 0;
  uint64_t seq_ = 0;
  bool hello_ = false;
  bool listed_ = false;
  bool done_ = false;
  bool canary_ = false;
  std::string broken_;
  std::string running_;
  std::map<std::string, verdict::Judgement> results_;
  std::optional<Error> error_;
};

}  // namespace racelab::engines

#endif  // RACELAB_ENGINES_TRANSCRIPT_H_
