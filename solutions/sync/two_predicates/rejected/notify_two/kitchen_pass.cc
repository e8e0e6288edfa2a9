#include "kitchen_pass.h"

#include <condition_variable>
#include <mutex>

struct KitchenPass::State {
  std::mutex mutex;
  std::condition_variable changed;
  int plate = kNone;  // guarded by mutex

  static constexpr int kNone = 0;
};

KitchenPass::KitchenPass() : state_(std::make_unique<State>()) {}
KitchenPass::~KitchenPass() = default;

void KitchenPass::Put(int plate) {
  std::unique_lock<std::mutex> lock(state_->mutex);
  while (state_->plate != State::kNone) state_->changed.wait(lock);
  state_->plate = plate;
  state_->changed.notify_one();
  state_->changed.notify_one();  // one of the two is the right one
}

int KitchenPass::Take() {
  std::unique_lock<std::mutex> lock(state_->mutex);
  while (state_->plate == State::kNone) state_->changed.wait(lock);
  const int plate = state_->plate;
  state_->plate = State::kNone;
  state_->changed.notify_one();
  state_->changed.notify_one();
  return plate;
}
