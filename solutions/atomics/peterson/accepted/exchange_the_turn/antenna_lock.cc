#include "antenna_lock.h"

#include <atomic>
#include <thread>

struct AntennaLock::State {
  std::atomic<bool> wants[2] = {false, false};
  std::atomic<int> turn{0};
};

AntennaLock::AntennaLock() : state_(std::make_unique<State>()) {}
AntennaLock::~AntennaLock() = default;

void AntennaLock::Lock(int me) {
  const int other = 1 - me;
  state_->wants[me].store(true, std::memory_order_relaxed);
  // acq_rel: of two exchanges the second one reads the first one's value, and
  // so sees the wish that stands before it.
  state_->turn.exchange(other, std::memory_order_acq_rel);
  while (state_->wants[other].load(std::memory_order_acquire) &&
         state_->turn.load(std::memory_order_acquire) == other) {
    std::this_thread::yield();
  }
}

void AntennaLock::Unlock(int me) {
  state_->wants[me].store(false, std::memory_order_release);
}
