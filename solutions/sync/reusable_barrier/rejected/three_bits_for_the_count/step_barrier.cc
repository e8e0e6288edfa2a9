#include "step_barrier.h"

#include <atomic>

struct StepBarrier::State {
  explicit State(int parties) : parties(parties) {}

  const int parties;
  // Phase and count in one word: the lowest three bits count who is here.
  std::atomic<unsigned> phase_and_count{0};
};

StepBarrier::StepBarrier(int parties)
    : state_(std::make_unique<State>(parties)) {}
StepBarrier::~StepBarrier() = default;

void StepBarrier::ArriveAndWait() {
  constexpr unsigned kOnePhase = 8;
  const unsigned before = state_->phase_and_count.fetch_add(1);
  const unsigned phase = before / kOnePhase;
  if (static_cast<int>(before % kOnePhase) + 1 == state_->parties) {
    state_->phase_and_count.store((phase + 1) * kOnePhase);
    state_->phase_and_count.notify_all();
    return;
  }
  for (unsigned now = state_->phase_and_count.load(); now / kOnePhase == phase;
       now = state_->phase_and_count.load()) {
    state_->phase_and_count.wait(now);
  }
}
