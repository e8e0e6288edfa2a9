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
  int arrived = 0;
  int left = 0;
};

StepBarrier::StepBarrier(int parties)
    : state_(std::make_unique<State>(parties)) {}
StepBarrier::~StepBarrier() = default;

void StepBarrier::ArriveAndWait() {
  std::unique_lock<std::mutex> lock(state_->mutex);
  ++state_->arrived;
  if (state_->arrived == state_->parties) state_->all_here.notify_all();
  while (state_->arrived < state_->parties) state_->all_here.wait(lock);

  ++state_->left;
  if (state_->left == state_->parties) {
    state_->arrived = 0;
    state_->left = 0;
  }
  lock.unlock();
  // Everybody has left by the time we are back.
  std::this_thread::sleep_for(std::chrono::milliseconds(10));
}
