#include "step_barrier.h"

#include <mutex>
#include <semaphore>

// Two gates, used in turn: who is quick waits at the other one.
struct StepBarrier::State {
  explicit State(int parties) : parties(parties) {}

  const int parties;
  std::mutex mutex;
  int arrived = 0;  // guarded by mutex
  int gate = 0;     // guarded by mutex
  std::counting_semaphore<> gates[2]{std::counting_semaphore<>(0),
                                     std::counting_semaphore<>(0)};
};

StepBarrier::StepBarrier(int parties)
    : state_(std::make_unique<State>(parties)) {}
StepBarrier::~StepBarrier() = default;

void StepBarrier::ArriveAndWait() {
  int mine;
  {
    std::lock_guard<std::mutex> lock(state_->mutex);
    mine = state_->gate;
    if (++state_->arrived == state_->parties) {
      state_->arrived = 0;
      state_->gate = 1 - mine;
      state_->gates[mine].release(state_->parties);
      return;
    }
  }
  state_->gates[mine].acquire();
}
