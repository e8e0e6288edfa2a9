#include "step_barrier.h"

#include <condition_variable>
#include <mutex>

struct StepBarrier::State {
  explicit State(int parties) : parties(parties) {}

  const int parties;
  std::mutex mutex;
  std::condition_variable all_here;
  int arrived = 0;  // guarded by mutex
  int left = 0;     // guarded by mutex
};

StepBarrier::StepBarrier(int parties)
    : state_(std::make_unique<State>(parties)) {}
StepBarrier::~StepBarrier() = default;

// TODO: a quick worker can come back for the next step before a slow one has
// left the last. Make the barrier tell the two steps apart.
void StepBarrier::ArriveAndWait() {
  std::unique_lock<std::mutex> lock(state_->mutex);
  ++state_->arrived;
  if (state_->arrived == state_->parties) state_->all_here.notify_all();
  while (state_->arrived < state_->parties) state_->all_here.wait(lock);

  // The last one to leave empties the room for the next step.
  ++state_->left;
  if (state_->left == state_->parties) {
    state_->arrived = 0;
    state_->left = 0;
  }
}
