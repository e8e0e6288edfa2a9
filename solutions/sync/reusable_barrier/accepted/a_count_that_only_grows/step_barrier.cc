#include "step_barrier.h"

#include <condition_variable>
#include <mutex>

struct StepBarrier::State {
  explicit State(int parties) : parties(parties) {}

  const int parties;
  std::mutex mutex;
  std::condition_variable all_here;
  long arrived = 0;  // guarded by mutex; at all steps so far
};

StepBarrier::StepBarrier(int parties)
    : state_(std::make_unique<State>(parties)) {}
StepBarrier::~StepBarrier() = default;

void StepBarrier::ArriveAndWait() {
  std::unique_lock<std::mutex> lock(state_->mutex);
  const long step = state_->arrived / state_->parties;
  const long full = (step + 1) * state_->parties;
  if (++state_->arrived == full) state_->all_here.notify_all();
  while (state_->arrived < full) state_->all_here.wait(lock);
}
