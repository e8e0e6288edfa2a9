#include "step_barrier.h"

#include <atomic>

struct StepBarrier::State {
  explicit State(int parties) : parties(parties) {}

  const int parties;
  std::atomic<int> arrived{0};
  std::atomic<unsigned> phase{0};
};

StepBarrier::StepBarrier(int parties)
    : state_(std::make_unique<State>(parties)) {}
StepBarrier::~StepBarrier() = default;

void StepBarrier::ArriveAndWait() {
  if (++state_->arrived == state_->parties) {
    state_->arrived = 0;
    ++state_->phase;
    state_->phase.notify_all();
    return;
  }
  const unsigned mine = state_->phase;
  state_->phase.wait(mine);
}
