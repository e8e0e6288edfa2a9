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
  for (;;) {
    {
      std::lock_guard<std::mutex> lock(state_->mutex);
      if (state_->plate == State::kNone) {
        state_->plate = plate;
        state_->changed.notify_all();
        return;
      }
    }
    std::unique_lock<std::mutex> lock(state_->mutex);
    state_->changed.wait(lock);
  }
}

int KitchenPass::Take() {
  for (;;) {
    {
      std::lock_guard<std::mutex> lock(state_->mutex);
      if (state_->plate != State::kNone) {
        const int plate = state_->plate;
        state_->plate = State::kNone;
        state_->changed.notify_all();
        return plate;
      }
    }
    std::unique_lock<std::mutex> lock(state_->mutex);
    state_->changed.wait(lock);
  }
}
