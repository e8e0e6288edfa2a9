#include "step_barrier.h"

#include <atomic>

namespace {

std::atomic<unsigned> phase{0};

}  // namespace

struct StepBarrier::State {
  explicit State(int parties) : parties(parties) {}

  const int parties;
  std::atomic<int> arrived{0};
};

StepBarrier::StepBarrier(int parties)
    : state_(std::make_unique<State>(parties)) {}
StepBarrier::~StepBarrier() = default;

void StepBarrier::ArriveAndWait() {
  const unsigned mine = phase;
  if (++state_->arrived == state_->parties) {
    state_->arrived = 0;
    ++phase;
    phase.notify_all();
    return;
  }
  phase.wait(mine);
}
