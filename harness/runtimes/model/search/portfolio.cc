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

// This shard's part of so many executions.
uint64_t Portfolio::Mine(uint64_t executions) const {
  const uint64_t count = static_cast<uint64_t>(options_.shard.count);
  const uint64_t index = static_cast<uint64_t>(options_.shard.index);
  return executions / count + (index < executions % count);
}

uint64_t Portfolio::executions_left() const {
  const uint64_t mine = Mine(options_.executions);
  return mine > attempted_ ? mine - attempted_ : 0;
}

Phase* Portfolio::Start(std::unique_ptr<RecordingStrategy> strategy,
                        double share) {
  owned_ = std::move(strategy);
  return Start(owned_.get(), share);
}

Phase* Portfolio::Start(RecordingStrategy* strategy, double share) {
  phase_.strategy = strategy;
  phase_.executions = static_cast<uint64_t>(
      static_cast<double>(executions_left()) * share + 0.999);
  phase_.seconds = seconds_left() * share;
  phase_.scout = false;
  return &phase_;
}

// Not more than so much of the phase.
Phase* Portfolio::Within(uint64_t executions, double share) {
  phase_.executions = std::min(phase_.executions, executions);
  phase_.seconds = std::min(phase_.seconds, options_.seconds * share);
  return &phase_;
}

RecordingStrategy* Portfolio::Full() {
  if (full_ == nullptr) {
    full_ = std::make_unique<FullSearch>(options_.reduce ? memory_ : nullptr,
                                         options_.shard);
  }
  return full_.get();
}

RecordingStrategy* Portfolio::SamplePos() {
  if (pos_ == nullptr) {
    pos_ = std::make_unique<Pos>(memory_, options_.seed, options_.shard);
  }
  return pos_.get();
}

RecordingStrategy* Portfolio::SampleRandom() {
  if (random_ == nullptr) {
    random_ = std::make_unique<RandomWalk>(options_.seed, options_.shard);
  }
  return random_.get();
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
    case Stage::kFirstSlice:
      Start(Full(), kFullShare);
      full_executions_left_ = phase_.executions;
      full_seconds_left_ = phase_.seconds;
      return Within(Mine(kFirstSlice), kFirstSliceShare);
    case Stage::kEarlyPos:
      Start(SamplePos(), rest);
      return Within(Mine(kEarlyPos), kEarlyShare);
    case Stage::kEarlyRandom:
      Start(SampleRandom(), rest);
      return Within(Mine(kEarlyRandom), kEarlyShare);
    case Stage::kFull:
      Start(Full(), rest);
      if (whole_) {
        phase_.executions = std::min(phase_.executions, full_executions_left_);
        phase_.seconds = std::min(phase_.seconds, full_seconds_left_);
      }
      return &phase_;
    case Stage::kBounded:
      // Of what full search has left, the same part of the whole.
      return Start(std::make_unique<BoundedSearch>(next_bound_, options_.shard),
                   whole_ ? kBoundedShare / (1 - kFullShare) : rest);
    case Stage::kPct:
      return Start(
          std::make_unique<Pct>(options_.depth, options_.seed, options_.shard),
          whole_ ? 1.0 / 3 : rest);
    case Stage::kPos:
      return Start(SamplePos(), whole_ ? 1.0 / 2 : rest);
    case Stage::kRandom:
      return Start(SampleRandom(), rest);
    case Stage::kProbe:
      return Start(std::make_unique<Probe>(options_.seed, options_.shard),
                   rest);
    case Stage::kEnd:
      break;
  }
  return nullptr;
}

// Adds to what the strategy has sampled before.
void Portfolio::Sampling(const RecordingStrategy& strategy,
                         uint64_t executions) {
  for (Sampled& sampled : sampled_) {
    if (sampled.name != strategy.Name()) continue;
    sampled.executions += executions;
    sampled.detail = strategy.Detail();
    return;
  }
  sampled_.push_back({strategy.Name(), executions, strategy.Detail()});
}

void Portfolio::Done(const PhaseEnd& end) {
  seconds_ += end.seconds;
  truncated_ += end.truncated;
  if (phase_.scout) {
    stage_ = Stage::kFirstSlice;
    return;
  }
  const uint64_t attempted = end.executions + end.pruned + end.truncated;
  attempted_ += attempted;
  const RecordingStrategy& strategy = *phase_.strategy;
  const bool full = phase_.strategy == full_.get();
  if (full) {
    full_executions_ += end.executions;
    full_limits_ |= end.limits;
  }
  if (strategy.Exhausted()) {
    exhausted_ = true;
    exhausted_by_ = strategy.Name();
    limits_ = (full ? full_limits_ : end.limits) | strategy.limits();
    executions_ = full ? full_executions_ : end.executions;
    // What sampling did not get to the end of, this search did.
    truncated_ = end.truncated;
    return;
  }
  executions_ += end.executions;
  switch (stage_) {
    case Stage::kFirstSlice:
      full_executions_left_ -= std::min(full_executions_left_, attempted);
      full_seconds_left_ -= end.seconds;
      if (strategy.more() && full_executions_left_ > 0 &&
          full_seconds_left_ > 0) {
        stage_ = Stage::kEarlyPos;
        break;
      }
      [[fallthrough]];
    case Stage::kFull:
      stage_ = whole_ ? Stage::kBounded : Stage::kEnd;
      bounded_start_ = seconds_;
      break;
    case Stage::kEarlyPos:
    case Stage::kEarlyRandom:
      Sampling(strategy, end.executions);
      stage_ = stage_ == Stage::kEarlyPos ? Stage::kEarlyRandom : Stage::kFull;
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
      Sampling(strategy, end.executions);
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
  // Not of a failure that full search finds itself, after its break.
  const bool running = phase_.strategy == full_.get() &&
                       (stage_ == Stage::kFirstSlice || stage_ == Stage::kFull);
  if (full_executions_ > 0 && !running) {
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
