#include "step_barrier.h"

#include <condition_variable>
#include <mutex>

struct StepBarrier::State {
  explicit State(int parties) : parties(parties) {}

  const int parties;
  std::mutex mutex;
  std::condition_variable next_phase;
  int arrived = 0;     // guarded by mutex
  unsigned phase = 0;  // guarded by mutex
};

StepBarrier::StepBarrier(int parties)
    : state_(std::make_unique<State>(parties)) {}
StepBarrier::~StepBarrier() = default;

// Whoever leaves wakes the next one.
void StepBarrier::ArriveAndWait() {
  std::unique_lock<std::mutex> lock(state_->mutex);
  const unsigned mine = state_->phase;
  if (++state_->arrived == state_->parties) {
    state_->arrived = 0;
    ++state_->phase;
  } else {
    state_->next_phase.wait(lock, [&] { return state_->phase != mine; });
  }
  state_->next_phase.notify_one();
}
