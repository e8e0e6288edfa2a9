#include "antenna_lock.h"

#include <atomic>
#include <thread>

struct AntennaLock::State {
  std::atomic_flag taken;
};

AntennaLock::AntennaLock() : state_(std::make_unique<State>()) {}
AntennaLock::~AntennaLock() = default;

void AntennaLock::Lock(int) {
  while (state_->taken.test_and_set(std::memory_order_acquire)) {
    std::this_thread::yield();
  }
}

void AntennaLock::Unlock(int) {
  state_->taken.clear(std::memory_order_release);
}
