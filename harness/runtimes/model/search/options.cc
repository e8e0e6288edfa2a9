#include "runtimes/model/search/options.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace racelab::model {
namespace {

using nlohmann::json;

absl::Status Bad(const std::string& key, const char* what) {
  return absl::InvalidArgumentError(
      absl::StrCat("option \"", key, "\": ", what));
}

bool IsStrategy(const std::string& name) {
  for (const char* known :
       {"portfolio", "full", "bounded", "random", "pct", "pos"}) {
    if (name == known) return true;
  }
  return false;
}

bool IntegerWithin(const json& value, int64_t low, int64_t high) {
  if (!value.is_number_integer()) return false;
  if (value.is_number_unsigned() &&
      value.get<uint64_t>() > static_cast<uint64_t>(high)) {
    return false;
  }
  return value.get<int64_t>() >= low && value.get<int64_t>() <= high;
}

absl::Status Apply(const std::string& key, const json& value,
                   SearchOptions* options) {
  constexpr int64_t kMany = int64_t{1} << 53;
  if (key == "strategy") {
    if (!value.is_string() || !IsStrategy(value.get<std::string>())) {
      return Bad(key, "expected portfolio, full, bounded, random, pct or pos");
    }
    options->strategy = value.get<std::string>();
  } else if (key == "bound") {
    if (!IntegerWithin(value, 0, 100)) return Bad(key, "expected 0 to 100");
    options->bound = value.get<int>();
  } else if (key == "depth") {
    if (!IntegerWithin(value, 1, 100)) return Bad(key, "expected 1 to 100");
    options->depth = value.get<int>();
  } else if (key == "executions") {
    if (!IntegerWithin(value, 1, kMany)) return Bad(key, "expected 1 or more");
    options->executions = value.get<uint64_t>();
  } else if (key == "seconds") {
    if (!value.is_number() || !(value.get<double>() > 0) ||
        value.get<double>() > 1e6) {
      return Bad(key, "expected a positive number of seconds");
    }
    options->seconds = value.get<double>();
  } else if (key == "max_steps") {
    if (!IntegerWithin(value, 1, int64_t{1} << 24)) {
      return Bad(key, "expected 1 to 16777216");
    }
    options->max_steps = value.get<uint64_t>();
  } else if (key == "seed") {
    if (!IntegerWithin(value, 0, kMany)) return Bad(key, "expected 0 or more");
    options->seed = value.get<uint64_t>();
  } else if (key == "shard") {
    if (!value.is_array() || value.size() != 2 ||
        !IntegerWithin(value[1], 1, 1024) ||
        !IntegerWithin(value[0], 0, value[1].get<int64_t>() - 1)) {
      return Bad(key, "expected [i, n] with 0 <= i < n <= 1024");
    }
    options->shard = {value[0].get<int>(), value[1].get<int>()};
  } else if (key == "reduce") {
    if (!value.is_boolean()) return Bad(key, "expected true or false");
    options->reduce = value.get<bool>();
  } else if (key == "memory") {
    if (!value.is_string() || (value != "rc11" && value != "relacy")) {
      return Bad(key, "expected rc11 or relacy");
    }
    options->relacy_memory = value == "relacy";
  } else if (key == "replay") {
    if (!value.is_string()) return Bad(key, "expected a string");
    options->replay = value.get<std::string>();
  } else {
    return Bad(key, "unknown");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<SearchOptions> ParseSearchOptions(std::string_view text) {
  SearchOptions options;
  if (text.empty()) return options;
  const json object = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) {
    return absl::InvalidArgumentError("the options are no JSON object");
  }
  for (const auto& [key, value] : object.items()) {
    absl::Status status = Apply(key, value, &options);
    if (!status.ok()) return status;
  }
  return options;
}

}  // namespace racelab::model
