// What an engine asks of a runner: one line of JSON (ARCHITECTURE.md, "A
// runner"), as a value.
//
// Thread safety: values.

#ifndef RACELAB_RUNTIMES_COMMON_REQUEST_H_
#define RACELAB_RUNTIMES_COMMON_REQUEST_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace racelab::runtimes {

// The request's "options". Every getter returns `fallback` where the key is
// absent. A value of the wrong type also gives the fallback, and `status()`
// then names the key: look at it once, after the last getter.
class Options {
 public:
  double Number(std::string_view key, double fallback) const;
  uint64_t Count(std::string_view key, uint64_t fallback) const;
  bool Flag(std::string_view key, bool fallback) const;
  std::string Text(std::string_view key, std::string_view fallback) const;
  std::vector<uint64_t> Counts(std::string_view key,
                               std::vector<uint64_t> fallback) const;

  // The first wrong type that a getter met, or a key that no getter asked for
  // (a misspelt budget must not pass for the default one).
  absl::Status status() const;

  // For the parser: key → the value's JSON text.
  void Set(const std::string& key, std::string json) {
    values_[key] = std::move(json);
  }

 private:
  struct Value {
    std::string json;
    mutable bool asked = false;
    Value& operator=(std::string text) {
      json = std::move(text);
      return *this;
    }
  };
  const Value* Find(std::string_view key) const;
  void Mistyped(std::string_view key, std::string_view wanted) const;

  std::map<std::string, Value, std::less<>> values_;
  mutable absl::Status status_;
};

struct Request {
  std::string nonce;               // 32 hex digits; every record carries it
  std::string module;              // absolute
  bool native = false;             // compiled without instrumentation
  std::string source_root;         // has student/ and scenario.cc
  std::vector<std::string> tests;  // to judge, in this order
  uint64_t seed = 1;
  Options options;
};

// InvalidArgument: not JSON, another version, a missing, unknown or mistyped
// key; the message names it.
absl::StatusOr<Request> ParseRequest(std::string_view json);

}  // namespace racelab::runtimes

#endif  // RACELAB_RUNTIMES_COMMON_REQUEST_H_
