#include "step_barrier.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

struct StepBarrier::State {
  explicit State(int parties) : parties(parties) {}

  const int parties;
  std::mutex mutex;
  std::condition_variable all_here;
  int in_the_room = 0;
};

StepBarrier::StepBarrier(int parties)
    : state_(std::make_unique<State>(parties)) {}
StepBarrier::~StepBarrier() = default;

void StepBarrier::ArriveAndWait() {
  std::unique_lock<std::mutex> lock(state_->mutex);
  ++state_->in_the_room;
  if (state_->in_the_room == state_->parties) state_->all_here.notify_all();
  while (state_->in_the_room < state_->parties) state_->all_here.wait(lock);
  lock.unlock();
  // Everybody has left by then.
  std::this_thread::sleep_for(std::chrono::milliseconds(10));
  lock.lock();
  --state_->in_the_room;
}
