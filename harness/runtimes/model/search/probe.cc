#include "runtimes/model/search/probe.h"

#include <cmath>
#include <cstdint>

#include "absl/strings/str_format.h"
#include "runtimes/model/strategy.h"

namespace racelab::model {

void Probe::BeginExecution() {
  SamplingStrategy::BeginExecution();
  product_ = 1;
}

ThreadId Probe::ChooseThread(const SchedulePoint& point) {
  const uint32_t candidates = fairness_.Candidates(point);
  const ThreadId chosen = rng_.Bit(candidates);
  product_ *= __builtin_popcount(candidates);
  fairness_.Chosen(chosen);
  RecordThread(point.enabled, chosen);
  return chosen;
}

unsigned Probe::Choose(DecisionKind kind, unsigned n, ThreadId thread,
                       const PendingOp& op) {
  (void)thread;
  (void)op;
  if (n <= 1) return 0;
  n = Clip(n);
  const unsigned chosen = rng_.Below(n);
  product_ *= n;
  Record(kind, n, chosen);
  return chosen;
}

// Mean and variance as they come: Welford, Technometrics 4, 1962.
bool Probe::EndExecution(ExecutionEnd end) {
  ++walks_;
  const double before = product_ - mean_;
  mean_ += before / walks_;
  deviation_ += before * (product_ - mean_);
  return SamplingStrategy::EndExecution(end);
}

double Probe::Estimate() const { return mean_; }

double Probe::Error() const {
  return walks_ < 2 ? mean_ : std::sqrt(deviation_ / (walks_ - 1) / walks_);
}

std::string Probe::Detail() const {
  return absl::StrFormat("about %.3g executions, give or take %.2g", Estimate(),
                         Error());
}

}  // namespace racelab::model
