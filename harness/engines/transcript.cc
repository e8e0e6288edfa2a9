#include "engines/transcript.h"

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "verdict/json.h"

namespace racelab::engines {
namespace {

using nlohmann::json;

// Absent or of another type: empty, which no record of ours has.
std::string Text(const json& object, const char* key) {
  const auto it = object.find(key);
  return it != object.end() && it->is_string() ? it->get<std::string>() : "";
}

bool Flag(const json& object, const char* key) {
  const auto it = object.find(key);
  return it != object.end() && it->is_boolean() && it->get<bool>();
}

uint64_t Count(const json& object, const char* key, uint64_t fallback) {
  const auto it = object.find(key);
  return it != object.end() && it->is_number_unsigned() ? it->get<uint64_t>()
                                                        : fallback;
}

// A result that contradicts itself was not written by verdict/json.
std::string Contradiction(const verdict::TestResult& result) {
  const bool fails = result.outcome == verdict::Outcome::kFail;
  if (fails != result.finding.has_value()) {
    return "a result whose outcome and finding do not agree";
  }
  if (result.outcome == verdict::Outcome::kPass &&
      result.evidence.strength == verdict::Evidence::Strength::kNone) {
    return "a pass without evidence";
  }
  return "";
}

}  // namespace

Transcript::Transcript(verdict::Engine engine, std::string nonce,
                       std::vector<std::string> tests)
    : engine_(engine), nonce_(std::move(nonce)), tests_(std::move(tests)) {}

bool Transcript::Feed(std::string_view chunk) {
  if (!broken_.empty()) return false;
  total_ += chunk.size();
  if (total_ > kMaxTotal) {
    broken_ = "more records than any run has";
    return false;
  }
  for (;;) {
    const size_t end = chunk.find('\n');
    if (rest_.size() + std::min(end, chunk.size()) > kMaxRecord) {
      broken_ = "a record that is longer than any";
      return false;
    }
    if (end == std::string_view::npos) {
      rest_.append(chunk);
      return true;
    }
    rest_.append(chunk.substr(0, end));
    chunk.remove_prefix(end + 1);
    broken_ = Read(rest_);
    rest_.clear();
    if (!broken_.empty()) return false;
  }
}

std::string Transcript::Read(std::string_view line) {
  // No exceptions, and no deeper than a result can be: the parser recurses.
  int depth = 0, deepest = 0;
  for (const char c : line) {
    if (c == '{' || c == '[') deepest = std::max(deepest, ++depth);
    if (c == '}' || c == ']') --depth;
  }
  if (deepest > 1000) return "a record of endless depth";
  const json record = json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!record.is_object()) return "something that is no record";
  if (Text(record, "nonce") != nonce_) {
    return "a record without this run's nonce";
  }
  if (Count(record, "seq", UINT64_MAX) != seq_) {
    return "a record out of sequence";
  }
  ++seq_;
  if (done_ || error_) return "a record after the last one";
  const std::string type = Text(record, "type");
  if (type == "error") {
    error_ = Error{Text(record, "reason"), Text(record, "mend")};
    return "";
  }
  if (type == "hello") {
    if (hello_) return "a second hello";
    if (Text(record, "engine") != verdict::Name(engine_)) {
      return "the hello of another engine";
    }
    hello_ = true;
    return "";
  }
  if (!hello_) return "a record before the hello";
  if (type == "tests") {
    if (listed_) return "a second list of tests";
    listed_ = true;
    return "";
  }
  if (!listed_) return "a record before the list of tests";
  if (type == "done") {
    if (!running_.empty()) return "an end in the middle of a test";
    done_ = true;
    canary_ = Flag(record, "canary");
    return "";
  }
  const std::string test = Text(record, "test");
  if (type == "begin") {
    if (!running_.empty()) return "a test inside another one";
    if (std::find(tests_.begin(), tests_.end(), test) == tests_.end() ||
        results_.contains(test)) {
      return "a test that nobody asked for";
    }
    running_ = test;
    if (on_begin) on_begin(running_);
    return "";
  }
  if (running_.empty()) return "a record outside any test";
  if (type == "progress") {
    if (on_progress) on_progress(running_, Count(record, "executions", 0));
    return "";
  }
  if (type == "result") {
    auto judgement = verdict::JudgementFromJson(record);
    if (!judgement.ok()) {
      return absl::StrCat("a result that can't be read: ",
                          judgement.status().message());
    }
    const verdict::TestResult& result = judgement->result;
    if (result.test != running_ || result.engine != engine_) {
      return "the result of another test";
    }
    if (std::string wrong = Contradiction(result); !wrong.empty()) {
      return wrong;
    }
    results_[running_] = *std::move(judgement);
    running_.clear();
    return "";
  }
  return "a record of an unknown type";
}

}  // namespace racelab::engines
