#include "runtimes/model/search/shard.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace racelab::model {
namespace {

using verdict::Evidence;
using verdict::FailureKind;
using verdict::Outcome;

// Is the part's only trouble that it did not reach some labels?
bool OnlyUnreached(const DriverResult& part) {
  return !part.unreached.empty() &&
         (part.result.outcome == Outcome::kInconclusive ||
          (part.result.finding.has_value() &&
           part.result.finding->kind == FailureKind::kUnreachable));
}

Evidence Sum(const std::vector<DriverResult>& parts) {
  Evidence sum = parts.front().result.evidence;
  for (size_t i = 1; i < parts.size(); ++i) {
    const Evidence& part = parts[i].result.evidence;
    sum.executions += part.executions;
    sum.seconds = std::max(sum.seconds, part.seconds);
    for (const std::string& limit : part.limits) {
      if (std::find(sum.limits.begin(), sum.limits.end(), limit) ==
          sum.limits.end()) {
        sum.limits.push_back(limit);
      }
    }
    if (part.strength != Evidence::Strength::kExhausted &&
        sum.strength == Evidence::Strength::kExhausted) {
      sum.strength = part.strength;
      sum.strategy = part.strategy;
      sum.detail = part.detail;
    }
  }
  if (sum.strength != Evidence::Strength::kExhausted) sum.limits.clear();
  return sum;
}

}  // namespace

DriverResult MergeShards(const std::vector<DriverResult>& parts) {
  DriverResult merged = parts.front();
  const DriverResult* unreached = nullptr;
  const DriverResult* failed = nullptr;
  const DriverResult* unclear = nullptr;
  std::vector<std::string> labels;
  for (const DriverResult& part : parts) {
    if (OnlyUnreached(part)) {
      if (unreached == nullptr) labels = part.unreached;
      unreached = &part;
    } else if (part.result.outcome == Outcome::kFail) {
      if (failed == nullptr) failed = &part;
    } else if (part.result.outcome != Outcome::kPass && unclear == nullptr) {
      unclear = &part;
    }
  }
  const Evidence evidence = Sum(parts);
  if (failed != nullptr || unclear != nullptr) {
    merged = failed != nullptr ? *failed : *unclear;
    merged.result.evidence = evidence;
    return merged;
  }
  // Labels that nobody reached: a part that passed has reached them all.
  for (const DriverResult& part : parts) {
    std::erase_if(labels, [&](const std::string& label) {
      return std::find(part.unreached.begin(), part.unreached.end(), label) ==
             part.unreached.end();
    });
  }
  if (labels.empty()) {
    merged = DriverResult{};
    merged.result.test = parts.front().result.test;
    merged.result.engine = parts.front().result.engine;
    merged.result.outcome = Outcome::kPass;
    merged.result.evidence = evidence;
    return merged;
  }
  const bool exhausted = evidence.strength == Evidence::Strength::kExhausted;
  merged = *unreached;
  for (const DriverResult& part : parts) {
    // Fails only if every part was exhausted: then all say so alike.
    if (OnlyUnreached(part) &&
        (part.result.outcome == Outcome::kFail) == exhausted) {
      merged = part;
      break;
    }
  }
  merged.unreached = labels;
  merged.result.evidence = evidence;
  if (merged.result.finding.has_value()) {
    merged.result.finding->object = absl::StrJoin(labels, ", ");
    merged.result.finding->message =
        UnreachableMessage(merged.result.finding->object);
  }
  return merged;
}

}  // namespace racelab::model
