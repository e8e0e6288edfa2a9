#include "runtimes/common/request.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace racelab::runtimes {
namespace {

using nlohmann::json;

json Parse(std::string_view text) {
  return json::parse(text, nullptr, /*allow_exceptions=*/false);
}

bool IsCount(const json& value) { return value.is_number_unsigned(); }

// Takes `key` out of `object` if it is there; an error if it is not of the
// type.
template <typename T>
absl::Status Take(json& object, const char* key, bool required,
                  bool (*is_right)(const json&), const char* wanted, T& out) {
  const auto found = object.find(key);
  if (found == object.end()) {
    if (!required) return absl::OkStatus();
    return absl::InvalidArgumentError(
        absl::StrCat("the request has no \"", key, "\""));
  }
  if (!is_right(*found)) {
    return absl::InvalidArgumentError(
        absl::StrCat("the request's \"", key, "\" must be ", wanted));
  }
  found->get_to(out);
  object.erase(found);
  return absl::OkStatus();
}

bool IsText(const json& value) { return value.is_string(); }
bool IsFlag(const json& value) { return value.is_boolean(); }
bool IsObject(const json& value) { return value.is_object(); }
bool IsTexts(const json& value) {
  return value.is_array() && std::ranges::all_of(value, IsText);
}

}  // namespace

const Options::Value* Options::Find(std::string_view key) const {
  const auto found = values_.find(key);
  if (found == values_.end()) return nullptr;
  found->second.asked = true;
  return &found->second;
}

void Options::Mistyped(std::string_view key, std::string_view wanted) const {
  if (!status_.ok()) return;
  status_ = absl::InvalidArgumentError(absl::StrCat(
      "the option \"", std::string(key), "\" must be ", std::string(wanted)));
}

double Options::Number(std::string_view key, double fallback) const {
  const Value* value = Find(key);
  if (value == nullptr) return fallback;
  const json parsed = Parse(value->json);
  if (parsed.is_number()) return parsed.get<double>();
  Mistyped(key, "a number");
  return fallback;
}

uint64_t Options::Count(std::string_view key, uint64_t fallback) const {
  const Value* value = Find(key);
  if (value == nullptr) return fallback;
  const json parsed = Parse(value->json);
  if (IsCount(parsed)) return parsed.get<uint64_t>();
  Mistyped(key, "a whole number, 0 or more");
  return fallback;
}

bool Options::Flag(std::string_view key, bool fallback) const {
  const Value* value = Find(key);
  if (value == nullptr) return fallback;
  const json parsed = Parse(value->json);
  if (parsed.is_boolean()) return parsed.get<bool>();
  Mistyped(key, "true or false");
  return fallback;
}

std::string Options::Text(std::string_view key,
                          std::string_view fallback) const {
  const Value* value = Find(key);
  if (value == nullptr) return std::string(fallback);
  const json parsed = Parse(value->json);
  if (parsed.is_string()) return parsed.get<std::string>();
  Mistyped(key, "a string");
  return std::string(fallback);
}

std::vector<uint64_t> Options::Counts(std::string_view key,
                                      std::vector<uint64_t> fallback) const {
  const Value* value = Find(key);
  if (value == nullptr) return fallback;
  const json parsed = Parse(value->json);
  if (parsed.is_array() && std::ranges::all_of(parsed, IsCount)) {
    return parsed.get<std::vector<uint64_t>>();
  }
  Mistyped(key, "a list of whole numbers, 0 or more");
  return fallback;
}

absl::Status Options::status() const {
  if (!status_.ok()) return status_;
  for (const auto& [key, value] : values_) {
    if (!value.asked) {
      return absl::InvalidArgumentError(
          absl::StrCat("unknown option \"", key, "\""));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Request> ParseRequest(std::string_view text) {
  json object = Parse(text);
  if (!object.is_object()) {
    return absl::InvalidArgumentError("the request is not a JSON object");
  }
  Request request;
  uint64_t version = 0;
  json options = json::object();
  for (const absl::Status& status : {
           Take(object, "version", true, IsCount, "a whole number", version),
           Take(object, "nonce", true, IsText, "a string", request.nonce),
           Take(object, "module", true, IsText, "a string", request.module),
           Take(object, "native", false, IsFlag, "true or false",
                request.native),
           Take(object, "source_root", false, IsText, "a string",
                request.source_root),
           Take(object, "tests", true, IsTexts, "a list of strings",
                request.tests),
           Take(object, "seed", false, IsCount, "a whole number, 0 or more",
                request.seed),
           Take(object, "options", false, IsObject, "an object", options),
       }) {
    if (!status.ok()) return status;
  }
  if (version != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("the request's version is ", version, ", not 1"));
  }
  if (request.nonce.size() != 32 ||
      request.nonce.find_first_not_of("0123456789abcdef") !=
          std::string::npos) {
    return absl::InvalidArgumentError(
        "the request's \"nonce\" must be 32 hex digits");
  }
  if (!absl::StartsWith(request.module, "/")) {
    return absl::InvalidArgumentError(
        "the request's \"module\" must be an absolute path");
  }
  if (!object.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the request has an unknown key \"", object.begin().key(), "\""));
  }
  for (const auto& [key, value] : options.items()) {
    request.options.Set(key, value.dump());
  }
  return request;
}

}  // namespace racelab::runtimes
