#include "step_barrier.h"

#include <condition_variable>
#include <mutex>

struct StepBarrier::State {
  explicit State(int parties) : parties(parties) {}

  const int parties;
  std::mutex mutex;
  std::condition_variable next_phase;
  int arrived = 0;
  unsigned phase = 0;
};

namespace {

thread_local unsigned my_phase = 0;

}  // namespace

StepBarrier::StepBarrier(int parties)
    : state_(std::make_unique<State>(parties)) {}
StepBarrier::~StepBarrier() = default;

void StepBarrier::ArriveAndWait() {
  std::unique_lock<std::mutex> lock(state_->mutex);
  ++my_phase;
  if (++state_->arrived == state_->parties) {
    state_->arrived = 0;
    state_->phase = my_phase;
    state_->next_phase.notify_all();
    return;
  }
  while (state_->phase < my_phase) state_->next_phase.wait(lock);
}
