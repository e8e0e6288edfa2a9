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
  state_->wants[me].store(true, std::memory_order_seq_cst);
  state_->turn.store(other, std::memory_order_seq_cst);
  while (state_->wants[other].load(std::memory_order_seq_cst) &&
         state_->turn.load(std::memory_order_relaxed) == other) {
    std::this_thread::yield();
  }
}

void AntennaLock::Unlock(int me) {
  // Release: publishes what was done with the antenna to the other one, whose
  // Lock() reads this false.
  state_->wants[me].store(false, std::memory_order_release);
}
