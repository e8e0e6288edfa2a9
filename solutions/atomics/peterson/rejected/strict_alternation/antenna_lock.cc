#include "antenna_lock.h"

#include <atomic>
#include <thread>

struct AntennaLock::State {
  std::atomic<int> turn{0};
};

AntennaLock::AntennaLock() : state_(std::make_unique<State>()) {}
AntennaLock::~AntennaLock() = default;

void AntennaLock::Lock(int me) {
  while (state_->turn.load() != me) std::this_thread::yield();
}

void AntennaLock::Unlock(int me) { state_->turn.store(1 - me); }
