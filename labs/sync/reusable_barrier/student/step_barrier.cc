#include "step_barrier.h"

#include <condition_variable>
#include <mutex>

struct StepBarrier::State {
  explicit State(int parties) : parties(parties) {}

  const int parties;
  std::mutex mutex;
  std::condition_variable all_here;
  int in_the_room = 0;  // guarded by mutex
};

StepBarrier::StepBarrier(int parties)
    : state_(std::make_unique<State>(parties)) {}
StepBarrier::~StepBarrier() = default;

// TODO: a quick worker can come back for the next step before a slow one has
// left the last. Make the barrier tell the two steps apart.
void StepBarrier::ArriveAndWait() {
  std::unique_lock<std::mutex> lock(state_->mutex);
  ++state_->in_the_room;
  if (state_->in_the_room == state_->parties) state_->all_here.notify_all();
  while (state_->in_the_room < state_->parties) state_->all_here.wait(lock);
  lock.unlock();

  lock.lock();
  --state_->in_the_room;
}
