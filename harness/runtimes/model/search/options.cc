#include "runtimes/model/search/options.h"

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace racelab::model {
namespace {

// No search visits more; keeps sums of counts far from overflow.
constexpr uint64_t kMany = uint64_t{1} << 53;

absl::Status Bad(const char* option, const char* expected) {
  return absl::InvalidArgumentError(
      absl::StrCat("option \"", option, "\": expected ", expected));
}

}  // namespace

absl::Status Validate(const SearchOptions& options) {
  bool known = false;
  for (const char* name :
       {"portfolio", "full", "bounded", "random", "pct", "pos", "probe"}) {
    known = known || options.strategy == name;
  }
  if (!known) {
    return Bad("strategy",
               "portfolio, full, bounded, random, pct, pos or probe");
  }
  if (options.bound < 0 || options.bound > 100) {
    return Bad("bound", "0 to 100");
  }
  if (options.depth < 1 || options.depth > 100) {
    return Bad("depth", "1 to 100");
  }
  if (options.executions < 1 || options.executions > kMany) {
    return Bad("executions", "1 to 2^53");
  }
  // Not a number is not positive.
  if (!(options.seconds > 0) || options.seconds > 1e6) {
    return Bad("seconds", "a positive number, at most 1000000");
  }
  if (options.max_steps < 1 || options.max_steps > (uint64_t{1} << 24)) {
    return Bad("max_steps", "1 to 16777216");
  }
  if (options.shard.count < 1 || options.shard.count > 1024 ||
      options.shard.index < 0 || options.shard.index >= options.shard.count) {
    return Bad("shard", "[i, n] with 0 <= i < n <= 1024");
  }
  return absl::OkStatus();
}

}  // namespace racelab::model
