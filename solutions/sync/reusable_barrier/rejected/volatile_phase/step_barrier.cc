#include "step_barrier.h"

#include <mutex>
#include <thread>

struct StepBarrier::State {
  explicit State(int parties) : parties(parties) {}

  const int parties;
  std::mutex mutex;
  int arrived = 0;
  volatile unsigned phase = 0;
};

StepBarrier::StepBarrier(int parties)
    : state_(std::make_unique<State>(parties)) {}
StepBarrier::~StepBarrier() = default;

void StepBarrier::ArriveAndWait() {
  state_->mutex.lock();
  const unsigned mine = state_->phase;
  if (++state_->arrived == state_->parties) {
    state_->arrived = 0;
    state_->phase = mine + 1;
  }
  state_->mutex.unlock();
  while (state_->phase == mine) std::this_thread::yield();
}
