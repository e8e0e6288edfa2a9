// Which searches run, in which order and for how long; and what they have shown
// together.
//
// The default: a few sampled executions first, since a broken program mostly
// fails in the first hundred and need not wait for its place in a depth-first
// search; then full search within half of the budget; if that does not come to
// its end, preemption-bounded search with 0, 1, 2, … within a quarter; and PCT,
// POS and random walks for the rest.
//
// Full search makes a break, once: what it has not ended after kFirstSlice
// executions is likely to be too large for it, and in such a program a depth-
// first search only varies the last few steps of one schedule. A bug that hides
// among many threads is found by POS and random walks within some hundred
// executions, hence kEarlyPos and kEarlyRandom of them before it goes on where
// it stopped. Smaller searches do not pay for that, and larger ones at most an
// eighth more executions, and kEarlyShare of the seconds for each of the two;
// what full search gets is not less for it. All these are counts of executions,
// the same on every machine, unless an execution takes so long that the shares
// of the seconds end them; shards divide them among themselves.
//
// A named strategy runs alone, with the whole budget.

#ifndef RACELAB_RUNTIMES_MODEL_SEARCH_PORTFOLIO_H_
#define RACELAB_RUNTIMES_MODEL_SEARCH_PORTFOLIO_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "runtimes/model/memory_model.h"
#include "runtimes/model/search/options.h"
#include "runtimes/model/search/recording.h"
#include "verdict/verdict.h"

namespace racelab::model {

// One search with its share of the budget.
struct Phase {
  RecordingStrategy* strategy = nullptr;
  uint64_t executions = 0;
  double seconds = 0;
  bool scout = false;  // only looks for early failures; shows nothing itself
};

// How a phase ended.
struct PhaseEnd {
  uint64_t executions = 0;  // complete ones of this shard
  uint64_t pruned = 0;
  uint64_t truncated = 0;
  double seconds = 0;  // of processor time
  Limits limits = 0;   // met by any execution
};

class Portfolio {
 public:
  static constexpr uint64_t kFirstSlice = 20000;
  static constexpr uint64_t kEarlyPos = 2000;
  static constexpr uint64_t kEarlyRandom = 500;
  static constexpr double kFirstSliceShare = 0.1;  // of the seconds
  static constexpr double kEarlyShare = 0.025;

  // `memory` outlives the portfolio.
  Portfolio(const SearchOptions& options, const MemoryModel* memory);
  ~Portfolio();

  // The next phase, good until the next call; nullptr when nothing is left to
  // do.
  Phase* Next();

  // To be called after each phase, before Next().
  void Done(const PhaseEnd& end);

  // What all phases have shown. `seconds` is left to the caller.
  verdict::Evidence Evidence() const;
  bool exhausted() const { return exhausted_; }
  // … and no thread was made to wait that might have gone on by itself.
  bool complete() const {
    return exhausted_ &&
           (limits_ & (SetOf(Limit::kRetries) | SetOf(Limit::kFairness))) == 0;
  }
  // Complete executions and abandoned ones, over all phases.
  uint64_t executions() const { return executions_; }
  uint64_t truncated() const { return truncated_; }

 private:
  enum class Stage {
    kScout,
    kFirstSlice,  // of full search
    kEarlyPos,
    kEarlyRandom,
    kFull,
    kBounded,
    kPct,
    kPos,
    kRandom,
    kProbe,
    kEnd,
  };

  Phase* Start(std::unique_ptr<RecordingStrategy> strategy, double share);
  Phase* Start(RecordingStrategy* strategy, double share);
  Phase* Within(uint64_t executions, double share);
  // These go on where they stopped, if they are asked for again.
  RecordingStrategy* Full();
  RecordingStrategy* SamplePos();
  RecordingStrategy* SampleRandom();
  void Sampling(const RecordingStrategy& strategy, uint64_t executions);
  uint64_t Mine(uint64_t executions) const;
  double seconds_left() const;
  uint64_t executions_left() const;

  const SearchOptions options_;
  const MemoryModel* const memory_;
  const bool whole_;  // the portfolio, not one named strategy
  Stage stage_;
  Phase phase_;
  std::unique_ptr<RecordingStrategy> owned_;  // of this phase alone
  std::unique_ptr<RecordingStrategy> full_;
  std::unique_ptr<RecordingStrategy> pos_;
  std::unique_ptr<RecordingStrategy> random_;
  uint64_t full_executions_left_ = 0;  // complete ones or not
  double full_seconds_left_ = 0;
  int next_bound_ = 0;
  int bound_done_ = -1;
  uint64_t bounded_executions_ = 0;  // of the highest bound that was finished
  double bounded_start_ = 0;         // seconds spent before it
  bool exhausted_ = false;
  std::string exhausted_by_;
  Limits limits_ = 0;  // of the search that was exhausted
  uint64_t executions_ = 0;
  uint64_t truncated_ = 0;
  uint64_t attempted_ = 0;  // pruned ones included
  double seconds_ = 0;
  uint64_t full_executions_ = 0;
  Limits full_limits_ = 0;
  struct Sampled {
    std::string name;
    uint64_t executions;
    std::string detail;
  };
  std::vector<Sampled> sampled_;
};

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_SEARCH_PORTFOLIO_H_
