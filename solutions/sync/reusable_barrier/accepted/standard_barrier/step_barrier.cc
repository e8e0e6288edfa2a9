#include "step_barrier.h"

#include <barrier>

struct StepBarrier::State {
  explicit State(int parties) : barrier(parties) {}

  std::barrier<> barrier;
};

StepBarrier::StepBarrier(int parties)
    : state_(std::make_unique<State>(parties)) {}
StepBarrier::~StepBarrier() = default;

void StepBarrier::ArriveAndWait() { state_->barrier.arrive_and_wait(); }
