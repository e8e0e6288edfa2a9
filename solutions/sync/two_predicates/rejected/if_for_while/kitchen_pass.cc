#include "kitchen_pass.h"

#include <condition_variable>
#include <mutex>

struct KitchenPass::State {
  std::mutex mutex;
  std::condition_variable has_room;   // plate == kNone
  std::condition_variable has_plate;  // plate != kNone
  int plate = kNone;                  // guarded by mutex

  static constexpr int kNone = 0;
};

KitchenPass::KitchenPass() : state_(std::make_unique<State>()) {}
KitchenPass::~KitchenPass() = default;

void KitchenPass::Put(int plate) {
  std::unique_lock<std::mutex> lock(state_->mutex);
  if (state_->plate != State::kNone) state_->has_room.wait(lock);
  state_->plate = plate;
  state_->has_plate.notify_one();
}

int KitchenPass::Take() {
  std::unique_lock<std::mutex> lock(state_->mutex);
  if (state_->plate == State::kNone) state_->has_plate.wait(lock);
  const int plate = state_->plate;
  state_->plate = State::kNone;
  state_->has_room.notify_one();
  return plate;
}
