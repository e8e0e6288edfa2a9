#include "runtimes/model/search/pct.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>

#include "absl/strings/str_format.h"
#include "runtimes/model/strategy.h"

namespace racelab::model {

Pct::Pct(int depth, uint64_t seed, Shard shard)
    : SamplingStrategy(seed, shard), depth_(depth) {
  change_points_.resize(static_cast<size_t>(depth - 1));
}

void Pct::BeginExecution() {
  SamplingStrategy::BeginExecution();
  steps_ = 0;
  known_ = 0;
  for (uint64_t& point : change_points_) {
    point = 1 + rng_.Below(static_cast<uint32_t>(max_steps_));
  }
}

void Pct::NewThread(ThreadId thread) {
  known_ |= uint32_t{1} << thread;
  // Random and, but for a chance of 2^-58, different: a random permutation.
  priority_[thread] = (rng_.Next() >> 1) | (uint64_t{1} << 62);
}

ThreadId Pct::ChooseThread(const SchedulePoint& point) {
  for (uint32_t fresh = point.enabled & ~known_; fresh != 0;
       fresh &= fresh - 1) {
    NewThread(__builtin_ctz(fresh));
  }
  const uint32_t candidates = fairness_.Candidates(point);
  ThreadId best = __builtin_ctz(candidates);
  for (uint32_t left = candidates & (candidates - 1); left != 0;
       left &= left - 1) {
    const ThreadId t = __builtin_ctz(left);
    if (priority_[t] > priority_[best]) best = t;
  }
  if ((point.enabled & (point.enabled - 1)) != 0) {
    ++steps_;
    // The thread that would run at a change point falls behind.
    bool changed = false;
    for (size_t i = 0; i < change_points_.size(); ++i) {
      if (change_points_[i] == steps_) {
        priority_[best] = i;
        changed = true;
      }
    }
    if (changed) {
      for (uint32_t left = candidates; left != 0; left &= left - 1) {
        const ThreadId t = __builtin_ctz(left);
        if (priority_[t] > priority_[best]) best = t;
      }
    }
    RecordThread(point.enabled, best);
  }
  fairness_.Chosen(best);
  return best;
}

bool Pct::EndExecution(ExecutionEnd end) {
  const int threads = __builtin_popcount(known_);
  if (steps_ > max_steps_ || threads > max_threads_) {
    max_steps_ = std::max(max_steps_, steps_);
    max_threads_ = std::max(max_threads_, threads);
    counted_ = 0;
  } else if (end == ExecutionEnd::kComplete) {
    ++counted_;
  }
  return SamplingStrategy::EndExecution(end);
}

std::string Pct::Name() const { return "pct " + std::to_string(depth_); }

double Pct::MissProbability() const {
  const double hit =
      1 /
      (max_threads_ * std::pow(static_cast<double>(max_steps_), depth_ - 1));
  return std::pow(1 - hit, static_cast<double>(counted_));
}

std::string Pct::Detail() const {
  return absl::StrFormat("a bug of depth %d missed with probability at most %s",
                         depth_, absl::StrFormat("%.2g", MissProbability()));
}

}  // namespace racelab::model
