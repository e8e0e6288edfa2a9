#include "runtimes/model/search/portfolio.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "runtimes/model/search/bounded.h"
#include "runtimes/model/search/full.h"
#include "runtimes/model/search/pct.h"
#include "runtimes/model/search/pos.h"
#include "runtimes/model/search/probe.h"
#include "runtimes/model/search/random.h"

namespace racelab::model {
namespace {

constexpr uint64_t kScoutExecutions = 200;
constexpr double kScoutShare = 0.05;
constexpr double kFullShare = 0.5;
constexpr double kBoundedShare = 0.25;
constexpr int kHighestBound = 100;

// 30,000
std::string Grouped(uint64_t n) {
  std::string digits = std::to_string(n);
  for (size_t at = digits.size(); at > 3;) {
    at -= 3;
    digits.insert(at, 1, ',');
  }
  return digits;
}

}  // namespace

Portfolio::Portfolio(const SearchOptions& options, const MemoryModel* memory)
    : options_(options),
      memory_(memory),
      whole_(options.strategy == "portfolio") {
  stage_ = options.strategy == "full"      ? Stage::kFull
           : options.strategy == "bounded" ? Stage::kBounded
           : options.strategy == "pct"     ? Stage::kPct
           : options.strategy == "pos"     ? Stage::kPos
           : options.strategy == "random"  ? Stage::kRandom
           : options.strategy == "probe"   ? Stage::kProbe
                                           : Stage::kScout;
}

Portfolio::~Portfolio() = default;

double Portfolio::seconds_left() const {
  return std::max(0.0, options_.seconds - seconds_);
}

// This shard's part of the executions.
uint64_t Portfolio::executions_left() const {
  const uint64_t count = static_cast<uint64_t>(options_.shard.count);
  const uint64_t index = static_cast<uint64_t>(options_.shard.index);
  const uint64_t mine =
      options_.executions / count + (index < options_.executions % count);
  return mine > attempted_ ? mine - attempted_ : 0;
}

Phase* Portfolio::Start(std::unique_ptr<RecordingStrategy> strategy,
                        double share) {
  phase_.strategy = std::move(strategy);
  phase_.executions = static_cast<uint64_t>(
      static_cast<double>(executions_left()) * share + 0.999);
  phase_.seconds = seconds_left() * share;
  phase_.scout = false;
  return &phase_;
}

Phase* Portfolio::Next() {
  if (exhausted_ || stage_ == Stage::kEnd || executions_left() == 0 ||
      seconds_left() <= 0) {
    return nullptr;
  }
  const double rest = 1;
  switch (stage_) {
    case Stage::kScout:
      Start(
          std::make_unique<Pct>(options_.depth, options_.seed, options_.shard),
          kScoutShare);
      phase_.executions = std::min(phase_.executions, kScoutExecutions);
      phase_.scout = true;
      return &phase_;
    case Stage::kFull:
      return Start(std::make_unique<FullSearch>(
                       options_.reduce ? memory_ : nullptr, options_.shard),
                   whole_ ? kFullShare : rest);
    case Stage::kBounded:
      // Of what full search has left, the same part of the whole.
      return Start(std::make_unique<BoundedSearch>(next_bound_, options_.shard),
                   whole_ ? kBoundedShare / (1 - kFullShare) : rest);
    case Stage::kPct:
      return Start(
          std::make_unique<Pct>(options_.depth, options_.seed, options_.shard),
          whole_ ? 1.0 / 3 : rest);
    case Stage::kPos:
      return Start(
          std::make_unique<Pos>(memory_, options_.seed, options_.shard),
          whole_ ? 1.0 / 2 : rest);
    case Stage::kRandom:
      return Start(std::make_unique<RandomWalk>(options_.seed, options_.shard),
                   rest);
    case Stage::kProbe:
      return Start(std::make_unique<Probe>(options_.seed, options_.shard),
                   rest);
    case Stage::kEnd:
      break;
  }
  return nullptr;
}

void Portfolio::Done(const PhaseEnd& end) {
  seconds_ += end.seconds;
  truncated_ += end.truncated;
  if (phase_.scout) {
    stage_ = Stage::kFull;
    return;
  }
  attempted_ += end.executions + end.pruned + end.truncated;
  const RecordingStrategy& strategy = *phase_.strategy;
  if (strategy.Exhausted()) {
    exhausted_ = true;
    exhausted_by_ = strategy.Name();
    limits_ = end.limits | strategy.limits();
    executions_ = end.executions;
    // What the scout did not get to the end of, this search did.
    truncated_ = end.truncated;
    return;
  }
  executions_ += end.executions;
  switch (stage_) {
    case Stage::kFull:
      full_executions_ = end.executions;
      stage_ = whole_ ? Stage::kBounded : Stage::kEnd;
      bounded_start_ = seconds_;
      break;
    case Stage::kBounded: {
      const auto& bounded = static_cast<const BoundedSearch&>(strategy);
      const int highest = whole_ ? kHighestBound : options_.bound;
      if (bounded.finished()) {
        // A bound sees all of the lower one's executions again.
        executions_ -= bounded_executions_;
        bounded_executions_ = end.executions;
        bound_done_ = bounded.bound();
      }
      const bool time_left =
          !whole_ ||
          seconds_ - bounded_start_ < options_.seconds * kBoundedShare / 2;
      if (bounded.finished() && bounded.bound() < highest && time_left) {
        ++next_bound_;
      } else {
        stage_ = whole_ ? Stage::kPct : Stage::kEnd;
      }
      break;
    }
    default:
      sampled_.push_back({strategy.Name(), end.executions, strategy.Detail()});
      stage_ = !whole_                 ? Stage::kEnd
               : stage_ == Stage::kPct ? Stage::kPos
               : stage_ == Stage::kPos ? Stage::kRandom
                                       : Stage::kEnd;
      break;
  }
}

verdict::Evidence Portfolio::Evidence() const {
  verdict::Evidence evidence;
  evidence.executions = executions_;
  evidence.seed = options_.seed;
  if (exhausted_) {
    evidence.strength = verdict::Evidence::Strength::kExhausted;
    evidence.strategy = exhausted_by_;
    evidence.limits = InWords(limits_);
    return evidence;
  }
  evidence.strength = executions_ == 0 ? verdict::Evidence::Strength::kNone
                                       : verdict::Evidence::Strength::kSampled;
  evidence.strategy = whole_ ? "portfolio" : options_.strategy;
  std::vector<std::string> parts;
  if (full_executions_ > 0) {
    parts.push_back(absl::StrCat("full search not ended after ",
                                 Grouped(full_executions_)));
  }
  if (bound_done_ >= 0) {
    parts.push_back(absl::StrCat("bounded ", bound_done_, " exhausted"));
    if (!whole_) evidence.strategy = absl::StrCat("bounded ", bound_done_);
  }
  for (const Sampled& sampled : sampled_) {
    if (!whole_) evidence.strategy = sampled.name;
    parts.push_back(absl::StrCat(Grouped(sampled.executions), " sampled, ",
                                 sampled.name, ", seed ", options_.seed));
    if (!sampled.detail.empty()) parts.push_back(sampled.detail);
  }
  evidence.detail = absl::StrJoin(parts, "; ");
  return evidence;
}

}  // namespace racelab::model
