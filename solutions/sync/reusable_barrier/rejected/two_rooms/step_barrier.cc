#include "step_barrier.h"

#include <condition_variable>
#include <mutex>

struct StepBarrier::State {
  explicit State(int parties) : parties(parties) {}

  const int parties;
  std::mutex mutex;
  std::condition_variable all_here;
  int room = 0;             // where this step is met
  int arrived[2] = {0, 0};  // in either room
};

StepBarrier::StepBarrier(int parties)
    : state_(std::make_unique<State>(parties)) {}
StepBarrier::~StepBarrier() = default;

void StepBarrier::ArriveAndWait() {
  std::unique_lock<std::mutex> lock(state_->mutex);
  const int room = state_->room;
  if (++state_->arrived[room] == state_->parties) {
    state_->room = 1 - room;  // the next step is met next door
    state_->all_here.notify_all();
    return;
  }
  state_->all_here.wait(lock, [&] { return state_->room != room; });
}
