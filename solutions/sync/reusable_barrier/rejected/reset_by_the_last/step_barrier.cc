#include "step_barrier.h"

#include <condition_variable>
#include <mutex>

struct StepBarrier::State {
  explicit State(int parties) : parties(parties) {}

  const int parties;
  std::mutex mutex;
  std::condition_variable all_here;
  int arrived = 0;
};

StepBarrier::StepBarrier(int parties)
    : state_(std::make_unique<State>(parties)) {}
StepBarrier::~StepBarrier() = default;

void StepBarrier::ArriveAndWait() {
  std::unique_lock<std::mutex> lock(state_->mutex);
  ++state_->arrived;
  if (state_->arrived == state_->parties) {
    state_->arrived = 0;  // ready for the next step
    state_->all_here.notify_all();
    return;
  }
  while (state_->arrived != state_->parties) state_->all_here.wait(lock);
}
