#include "kitchen_pass.h"

#include <semaphore>

struct KitchenPass::State {
  std::binary_semaphore room{1};
  std::binary_semaphore plates{0};
  int plate = 0;  // owned by whoever got through a semaphore last
};

KitchenPass::KitchenPass() : state_(std::make_unique<State>()) {}
KitchenPass::~KitchenPass() = default;

void KitchenPass::Put(int plate) {
  state_->room.acquire();
  state_->plate = plate;
  state_->plates.release();
}

int KitchenPass::Take() {
  state_->plates.acquire();
  const int plate = state_->plate;
  state_->room.release();
  return plate;
}
