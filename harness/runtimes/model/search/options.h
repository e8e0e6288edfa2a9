// The request's `options` for the model checker, as values.

#ifndef RACELAB_RUNTIMES_MODEL_SEARCH_OPTIONS_H_
#define RACELAB_RUNTIMES_MODEL_SEARCH_OPTIONS_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "runtimes/model/search/recording.h"
#include "runtimes/model/world.h"

namespace racelab::model {

struct SearchOptions {
  // "portfolio", "full", "bounded", "random", "pct", "pos" or "probe".
  std::string strategy = "portfolio";
  int bound = 2;  // of "bounded": the highest number of preemptions
  int depth = 3;  // of "pct" and the portfolio: the depth of bugs, from 1
  uint64_t executions = 1000000;
  double seconds = 5;  // of processor time; see budget.h
  uint64_t max_steps = 20000;
  Shard shard;
  uint64_t seed = 1;
  bool relacy_memory = false;  // "memory": "relacy"
  bool reduce = true;          // false: full search without reduction
  std::string replay;          // not empty: only this execution
};

// kInvalidArgument with a sentence that names the option for an unknown
// strategy or a value out of range.
absl::Status Validate(const SearchOptions& options);

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_SEARCH_OPTIONS_H_
