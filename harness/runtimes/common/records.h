// What a runner says: records, one JSON object a line, each with the request's
// nonce and a number that counts from 0.
//
// Thread safety: one user at a time. A record is written whole, with one
// write() where the kernel takes it in one.

#ifndef RACELAB_RUNTIMES_COMMON_RECORDS_H_
#define RACELAB_RUNTIMES_COMMON_RECORDS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "verdict/judgement.h"
#include "verdict/verdict.h"

namespace racelab::runtimes {

// A test of the loaded module.
struct TestInfo {
  std::string name;         // "Counter.NoIncrementIsLost"
  bool concurrent = false;  // a CONCURRENT_TEST
  std::string file;         // as compiled: "scenario.cc"
  int line = 0;
  // The body of a concurrent test, in the module; null for a plain TEST, and
  // where the module is loaded in another process.
  void (*body)() = nullptr;
};

class RecordWriter {
 public:
  // Does not own `fd`.
  RecordWriter(int fd, std::string nonce);

  void Hello(verdict::Engine engine);
  void Tests(const std::vector<TestInfo>& tests);
  void Begin(std::string_view test);
  void Progress(std::string_view test, uint64_t executions);
  void Result(const verdict::Judgement& judgement);
  void Done(bool canary);
  // The runner could not work; it exits with kCannotWork afterwards.
  void Error(std::string_view reason, std::string_view mend);

  // False after the reader has gone away: nobody is interested any more.
  bool ok() const { return ok_; }

 private:
  void Write(const std::string& fields);

  int fd_;
  std::string nonce_;
  uint64_t seq_ = 0;
  bool ok_ = true;
};

// Exit codes of a runner.
inline constexpr int kWorked = 0;
inline constexpr int kCannotWork = 3;

}  // namespace racelab::runtimes

#endif  // RACELAB_RUNTIMES_COMMON_RECORDS_H_
