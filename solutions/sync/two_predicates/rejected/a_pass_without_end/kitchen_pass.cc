#include "kitchen_pass.h"

#include <condition_variable>
#include <mutex>
#include <queue>

struct KitchenPass::State {
  std::mutex mutex;
  std::condition_variable has_plate;  // plate != kNone
  std::queue<int> plates;
};

KitchenPass::KitchenPass() : state_(std::make_unique<State>()) {}
KitchenPass::~KitchenPass() = default;

void KitchenPass::Put(int plate) {
  std::unique_lock<std::mutex> lock(state_->mutex);
  state_->plates.push(plate);
  state_->has_plate.notify_one();
}

int KitchenPass::Take() {
  std::unique_lock<std::mutex> lock(state_->mutex);
  state_->has_plate.wait(lock, [&] { return !state_->plates.empty(); });
  const int plate = state_->plates.front();
  state_->plates.pop();
  return plate;
}
