#include "runtimes/model/search/budget.h"

#include <time.h>

#include <algorithm>
#include <cstdint>

namespace racelab::model {
namespace {

class RealClock final : public SearchClock {
 public:
  double CpuSeconds() override { return Read(CLOCK_PROCESS_CPUTIME_ID); }
  double WallSeconds() override { return Read(CLOCK_MONOTONIC); }

 private:
  static double Read(clockid_t id) {
    timespec now{};
    clock_gettime(id, &now);
    return static_cast<double>(now.tv_sec) +
           static_cast<double>(now.tv_nsec) * 1e-9;
  }
};

}  // namespace

SearchClock* SearchClock::Real() {
  static RealClock clock;
  return &clock;
}

Budget::Budget(uint64_t executions, double seconds, SearchClock* clock)
    : clock_(clock),
      max_executions_(executions),
      max_seconds_(seconds),
      start_cpu_(clock->CpuSeconds()),
      start_wall_(clock->WallSeconds()),
      last_wall_(start_wall_) {
  spent_ = seconds <= 0;
}

bool Budget::Look() {
  const double wall = clock_->WallSeconds();
  const double since = wall - last_wall_;
  last_wall_ = wall;
  // Aim at a millisecond; grow slowly, shrink at once.
  if (since < 0.0005) {
    interval_ = std::min<uint64_t>(interval_ * 2, 1 << 16);
  } else if (since > 0.002) {
    interval_ = std::max<uint64_t>(
        1,
        static_cast<uint64_t>(static_cast<double>(interval_) * 0.001 / since));
  }
  next_look_ = executions_ + interval_;
  spent_ = clock_->CpuSeconds() - start_cpu_ >= max_seconds_ ||
           wall - start_wall_ >= kPatience * max_seconds_;
  return !spent_;
}

double Budget::seconds() const { return clock_->WallSeconds() - start_wall_; }

double Budget::cpu_seconds() const { return clock_->CpuSeconds() - start_cpu_; }

double Budget::seconds_left() const {
  return std::max(0.0, max_seconds_ - cpu_seconds());
}

}  // namespace racelab::model
