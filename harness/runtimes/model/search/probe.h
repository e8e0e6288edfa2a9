// How large is the tree that a full search without reduction would walk? An
// estimate, where nobody can wait for the count.
//
// Source: Knuth, "Estimating the efficiency of backtrack programs", Mathematics
// of Computation 29, 1975. A walk from the root to a leaf that takes each of
// the n branches before it with the same chance meets a given leaf with the
// inverse of the product of all n on its way; so the mean of these products
// over walks is, in expectation, the number of leaves. Its spread is large
// where few leaves have most of the weight, and a small sample then says too
// little rather than too much: the estimate is told with its standard error.
//
// For figures (harness/bench), not for judging programs: as a search it is a
// random walk that tries rare events too often.

#ifndef RACELAB_RUNTIMES_MODEL_SEARCH_PROBE_H_
#define RACELAB_RUNTIMES_MODEL_SEARCH_PROBE_H_

#include <cstdint>
#include <string>

#include "runtimes/model/search/random.h"

namespace racelab::model {

class Probe final : public SamplingStrategy {
 public:
  explicit Probe(uint64_t seed, Shard shard = {})
      : SamplingStrategy(seed, shard) {}

  void BeginExecution() override;
  ThreadId ChooseThread(const SchedulePoint& point) override;
  unsigned Choose(DecisionKind kind, unsigned n, ThreadId thread,
                  const PendingOp& op) override;
  bool EndExecution(ExecutionEnd end) override;
  std::string Name() const override { return "probe"; }
  // "about 3.2e+09 executions, give or take 1.1e+08"
  std::string Detail() const override;

  // The number of leaves, and the standard error of that.
  double Estimate() const;
  double Error() const;

 private:
  double product_ = 1;  // of the branches on this walk
  double walks_ = 0;
  double mean_ = 0;       // of the products
  double deviation_ = 0;  // sum of the squares of their distances from it
};

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_SEARCH_PROBE_H_
