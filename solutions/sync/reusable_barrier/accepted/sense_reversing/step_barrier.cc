#include "step_barrier.h"

#include <atomic>

struct StepBarrier::State {
  explicit State(int parties) : parties(parties) {}

  const int parties;
  std::atomic<int> arrived{0};
  std::atomic<unsigned> phase{0};
};

StepBarrier::StepBarrier(int parties)
    : state_(std::make_unique<State>(parties)) {}
StepBarrier::~StepBarrier() = default;

void StepBarrier::ArriveAndWait() {
  // Relaxed: this worker has seen the last change of phase, or made it, and
  // the next one needs this worker.
  const unsigned mine = state_->phase.load(std::memory_order_relaxed);
  // acq_rel: everybody's work before the step goes through this counter to the
  // last one.
  if (state_->arrived.fetch_add(1, std::memory_order_acq_rel) + 1 ==
      state_->parties) {
    state_->arrived.store(0, std::memory_order_relaxed);
    // Release: publishes the reset count and everybody's work to the waiters.
    state_->phase.store(mine + 1, std::memory_order_release);
    state_->phase.notify_all();
    return;
  }
  // Acquire: pairs with the store above.
  while (state_->phase.load(std::memory_order_acquire) == mine) {
    state_->phase.wait(mine, std::memory_order_acquire);
  }
}
