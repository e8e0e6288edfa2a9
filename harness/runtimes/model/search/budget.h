// How long a search may go on: executions and seconds.
//
// Seconds are of this process's processor time, so that a loaded machine does
// not shorten a search; a search that gets no processor ends all the same after
// kPatience times as many seconds of wall time. The clock is read about every
// millisecond, whatever an execution takes, not at each execution.

#ifndef RACELAB_RUNTIMES_MODEL_SEARCH_BUDGET_H_
#define RACELAB_RUNTIMES_MODEL_SEARCH_BUDGET_H_

#include <cstdint>

namespace racelab::model {

// Where seconds come from; replaced in tests.
class SearchClock {
 public:
  virtual ~SearchClock() = default;
  virtual double CpuSeconds() = 0;   // of this process
  virtual double WallSeconds() = 0;  // monotonic
  static SearchClock* Real();
};

class Budget {
 public:
  static constexpr double kPatience = 4;

  // `clock` outlives the budget.
  Budget(uint64_t executions, double seconds, SearchClock* clock);

  // Counts an execution; false when the budget is spent.
  bool Spend() {
    ++executions_;
    return executions_ < max_executions_ &&
           (executions_ < next_look_ || Look());
  }

  bool spent() const { return spent_ || executions_ >= max_executions_; }
  uint64_t executions() const { return executions_; }
  double seconds() const;       // wall time since construction
  double cpu_seconds() const;   // processor time since construction
  double seconds_left() const;  // of processor time; never negative

  // Wall time of the last look at the clock, for progress messages.
  double last_look() const { return last_wall_ - start_wall_; }

 private:
  bool Look();

  SearchClock* const clock_;
  const uint64_t max_executions_;
  const double max_seconds_;
  const double start_cpu_;
  const double start_wall_;
  uint64_t executions_ = 0;
  uint64_t next_look_ = 1;
  uint64_t interval_ = 1;
  double last_wall_;
  bool spent_ = false;
};

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_SEARCH_BUDGET_H_
