#include "kitchen_pass.h"

#include <atomic>
#include <cstdint>

// Upper half: counts the plates, so that no two look the same. Lower half: the
// plate that stands there.
struct KitchenPass::State {
  static constexpr std::uint32_t kPlate = 0xffff;

  std::atomic<std::uint32_t> pass{0};
};

KitchenPass::KitchenPass() : state_(std::make_unique<State>()) {}
KitchenPass::~KitchenPass() = default;

void KitchenPass::Put(int plate) {
  std::atomic<std::uint32_t>& pass = state_->pass;
  std::uint32_t seen = pass.load();
  for (;;) {
    if ((seen & State::kPlate) != 0) {
      pass.wait(seen);
      seen = pass.load();
      continue;
    }
    const std::uint32_t next = ((seen >> 16) + 1) << 16;
    if (pass.compare_exchange_strong(seen, next | (plate & State::kPlate))) {
      break;
    }
  }
  pass.notify_all();
}

int KitchenPass::Take() {
  std::atomic<std::uint32_t>& pass = state_->pass;
  std::uint32_t seen = pass.load();
  for (;;) {
    if ((seen & State::kPlate) == 0) {
      pass.wait(seen);
      seen = pass.load();
      continue;
    }
    if (pass.compare_exchange_strong(seen, seen & ~State::kPlate)) break;
  }
  pass.notify_all();
  return seen & State::kPlate;
}
