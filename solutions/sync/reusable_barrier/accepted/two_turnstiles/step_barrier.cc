#include "step_barrier.h"

#include <mutex>
#include <semaphore>

// Everybody passes two gates a step. The second one opens only when all are
// past the first, so nobody can come round to the first while somebody still
// stands there.
struct StepBarrier::State {
  explicit State(int parties) : parties(parties) {}

  const int parties;
  std::mutex mutex;
  int inside = 0;  // guarded by mutex
  std::counting_semaphore<> first{0};
  std::counting_semaphore<> second{0};
};

StepBarrier::StepBarrier(int parties)
    : state_(std::make_unique<State>(parties)) {}
StepBarrier::~StepBarrier() = default;

void StepBarrier::ArriveAndWait() {
  {
    std::lock_guard<std::mutex> lock(state_->mutex);
    if (++state_->inside == state_->parties) {
      state_->first.release(state_->parties);
    }
  }
  state_->first.acquire();
  {
    std::lock_guard<std::mutex> lock(state_->mutex);
    if (--state_->inside == 0) state_->second.release(state_->parties);
  }
  state_->second.acquire();
}
