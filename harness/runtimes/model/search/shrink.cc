#include "runtimes/model/search/shrink.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "runtimes/model/search/bounded.h"
#include "runtimes/model/search/fairness.h"
#include "runtimes/model/search/inevitable.h"
#include "runtimes/model/search/recording.h"
#include "runtimes/model/strategy.h"

namespace racelab::model {
namespace {

// A schedule in a form that can be edited: who runs for how many steps, and
// what each thread chose, in its own order. Independent of how many
// alternatives there were.
struct Schedule {
  struct Segment {
    ThreadId thread = 0;
    uint64_t steps = 0;
  };
  struct Choice {
    DecisionKind kind = DecisionKind::kOther;
    unsigned chosen = 0;
  };
  std::vector<Segment> segments;
  std::vector<Choice> choices[kMaxThreads];
};

// Fewer is simpler: preemptions, switches, choices that are not the usual ones,
// steps.
using Cost = std::tuple<int, int, int, uint64_t>;

// Runs a schedule where it can be run, and the running thread on where not;
// notes what really happened.
class ScheduleRun final : public RecordingStrategy {
 public:
  explicit ScheduleRun(const Schedule& schedule) : schedule_(schedule) {}

  void BeginExecution() override {
    ClearStream();
    fairness_.Begin();
  }

  ThreadId ChooseThread(const SchedulePoint& point) override {
    const uint32_t candidates = fairness_.Candidates(point);
    const ThreadId chosen = Pick(point, candidates);
    if (at_ < schedule_.segments.size() &&
        schedule_.segments[at_].thread == chosen &&
        ++used_ == schedule_.segments[at_].steps) {
      ++at_;
      used_ = 0;
    }
    const uint32_t self = uint32_t{1} << point.current;
    if (chosen != point.current) {
      ++switches_;
      if (point.current_enabled && !point.yielded &&
          (point.spinning & self) == 0 && (candidates & self) != 0) {
        ++preemptions_;
      }
    }
    ++steps_;
    if (done_.segments.empty() || done_.segments.back().thread != chosen) {
      done_.segments.push_back({chosen, 0});
    }
    ++done_.segments.back().steps;
    fairness_.Chosen(chosen);
    RecordThread(point.enabled, chosen);
    return chosen;
  }

  unsigned Choose(DecisionKind kind, unsigned n, ThreadId thread,
                  const PendingOp& op) override {
    (void)op;
    if (n <= 1) return 0;
    n = Clip(n);
    const auto& choices = schedule_.choices[thread];
    size_t& next = next_choice_[thread];
    unsigned chosen = 0;
    if (next < choices.size() && choices[next].kind == kind) {
      chosen = std::min(choices[next].chosen, n - 1);
      ++next;
    }
    done_.choices[thread].push_back({kind, chosen});
    unusual_ += chosen != 0;
    Record(kind, n, chosen);
    return chosen;
  }

  bool EndExecution(ExecutionEnd) override { return false; }
  std::string Name() const override { return "shrink"; }
  bool Exhausted() const override { return false; }

  Cost cost() const { return {preemptions_, switches_, unusual_, steps_}; }
  Schedule TakeDone() { return std::move(done_); }

 private:
  ThreadId Pick(const SchedulePoint& point, uint32_t candidates) {
    // A segment whose thread cannot run is over.
    while (at_ < schedule_.segments.size() &&
           (point.enabled >> schedule_.segments[at_].thread & 1) == 0) {
      ++at_;
      used_ = 0;
    }
    if (at_ < schedule_.segments.size()) return schedule_.segments[at_].thread;
    return (candidates >> point.current & 1) != 0 ? point.current
                                                  : __builtin_ctz(candidates);
  }

  const Schedule& schedule_;
  Fairness fairness_;
  size_t at_ = 0;      // segment
  uint64_t used_ = 0;  // steps of it
  size_t next_choice_[kMaxThreads] = {};
  Schedule done_;
  int switches_ = 0;
  int preemptions_ = 0;
  int unusual_ = 0;
  uint64_t steps_ = 0;
};

// Repeats a stream and notes it as a schedule.
class Profile final : public RecordingStrategy {
 public:
  explicit Profile(const DecisionStream& stream) : stream_(stream) {}
  void BeginExecution() override {}
  ThreadId ChooseThread(const SchedulePoint& point) override {
    ThreadId chosen = __builtin_ctz(point.enabled);
    if ((point.enabled & (point.enabled - 1)) != 0) {
      if (at_ == stream_.size()) return kPrune;
      chosen = stream_[at_++].chosen;
    }
    if (schedule.segments.empty() ||
        schedule.segments.back().thread != chosen) {
      schedule.segments.push_back({chosen, 0});
    }
    ++schedule.segments.back().steps;
    return chosen;
  }
  unsigned Choose(DecisionKind kind, unsigned n, ThreadId thread,
                  const PendingOp& op) override {
    (void)op;
    if (n <= 1 || at_ == stream_.size()) return 0;
    const unsigned chosen = stream_[at_++].chosen;
    schedule.choices[thread].push_back({kind, chosen});
    return chosen;
  }
  bool EndExecution(ExecutionEnd) override { return false; }
  std::string Name() const override { return "profile"; }
  bool Exhausted() const override { return false; }

  Schedule schedule;

 private:
  const DecisionStream& stream_;
  size_t at_ = 0;
};

class Shrinker {
 public:
  Shrinker(World* world, verdict::FailureKind kind,
           const DecisionStream& stream, const ShrinkOptions& options)
      : world_(world), kind_(kind), options_(options) {
    best_.stream = stream;
  }

  ShrinkResult Run() {
    if (Adopt(ProfileOf(best_.stream), /*always=*/true)) {
      SearchFewerPreemptions();
      while (edited_ < options_.edit_effort && Improve()) {
      }
    }
    best_.inevitable_from =
        InevitableFrom(world_, best_.stream, options_.certain_effort);
    return best_;
  }

 private:
  bool FailsAlike(const ExecutionResult& result) const {
    return result.end == ExecutionEnd::kFailed && result.failure.kind == kind_;
  }

  Schedule ProfileOf(const DecisionStream& stream) {
    Profile profile(stream);
    world_->Run(profile, nullptr);
    return std::move(profile.schedule);
  }

  // Runs a schedule; keeps it if it fails alike and is simpler.
  bool Adopt(const Schedule& schedule, bool always = false) {
    ScheduleRun run(schedule);
    const ExecutionResult result = world_->Run(run, nullptr);
    edited_ += EffortOf(result);
    if (!FailsAlike(result) || (!always && run.cost() >= cost_)) return false;
    cost_ = run.cost();
    schedule_ = run.TakeDone();
    best_.stream = run.stream();
    best_.preemptions = std::get<0>(cost_);
    best_.switches = std::get<1>(cost_);
    return true;
  }

  void SearchFewerPreemptions() {
    uint64_t searched = 0;
    for (int bound = 0; bound < best_.preemptions; ++bound) {
      BoundedSearch search(bound);
      do {
        if (searched >= options_.search_effort) return;
        const ExecutionResult result = world_->Run(search, nullptr);
        searched += EffortOf(result);
        if (FailsAlike(result)) {
          Adopt(ProfileOf(search.stream()));
          return;
        }
      } while (search.more());
    }
  }

  // One simplification; false if there is none.
  bool Improve() {
    const Schedule from = schedule_;
    const size_t size = from.segments.size();
    for (size_t i = 0; i < size; ++i) {
      for (const bool earlier : {true, false}) {
        Schedule edited = from;
        if (Move(&edited, i, earlier) && Adopt(edited)) return true;
        if (edited_ >= options_.edit_effort) return false;
      }
      Schedule edited = from;
      edited.segments.erase(edited.segments.begin() +
                            static_cast<std::ptrdiff_t>(i));
      if (Adopt(edited)) return true;
    }
    for (int t = 0; t < kMaxThreads; ++t) {
      for (size_t c = 0; c < from.choices[t].size(); ++c) {
        if (from.choices[t][c].chosen == 0) continue;
        if (edited_ >= options_.edit_effort) return false;
        Schedule edited = from;
        edited.choices[t][c].chosen = 0;
        if (Adopt(edited)) return true;
      }
    }
    return false;
  }

  // Joins segment `i` to the nearest one of its thread before or after it.
  static bool Move(Schedule* schedule, size_t i, bool earlier) {
    auto& segments = schedule->segments;
    const Schedule::Segment moved = segments[i];
    size_t to = i;
    do {
      if (earlier ? to == 0 : to + 1 == segments.size()) return false;
      to += earlier ? -1 : 1;
    } while (segments[to].thread != moved.thread);
    segments[to].steps += moved.steps;
    segments.erase(segments.begin() + static_cast<std::ptrdiff_t>(i));
    // Its neighbours may be one thread's now.
    for (size_t k = 1; k < segments.size();) {
      if (segments[k].thread == segments[k - 1].thread) {
        segments[k - 1].steps += segments[k].steps;
        segments.erase(segments.begin() + static_cast<std::ptrdiff_t>(k));
      } else {
        ++k;
      }
    }
    return true;
  }

  World* const world_;
  const verdict::FailureKind kind_;
  const ShrinkOptions options_;
  ShrinkResult best_;
  Schedule schedule_;  // of best_
  Cost cost_;
  uint64_t edited_ = 0;  // effort
};

}  // namespace

ShrinkResult Shrink(World* world, verdict::FailureKind kind,
                    const DecisionStream& stream,
                    const ShrinkOptions& options) {
  return Shrinker(world, kind, stream, options).Run();
}

}  // namespace racelab::model
