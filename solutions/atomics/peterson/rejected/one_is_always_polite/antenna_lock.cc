#include "antenna_lock.h"

#include <atomic>
#include <thread>

struct AntennaLock::State {
  std::atomic<bool> wants[2] = {false, false};
};

AntennaLock::AntennaLock() : state_(std::make_unique<State>()) {}
AntennaLock::~AntennaLock() = default;

// If both want in, 0 steps back.
void AntennaLock::Lock(int me) {
  const int other = 1 - me;
  state_->wants[me].store(true);
  while (state_->wants[other].load()) {
    if (me == 0) {
      state_->wants[0].store(false);
      while (state_->wants[1].load()) std::this_thread::yield();
      state_->wants[0].store(true);
    } else {
      std::this_thread::yield();
    }
  }
}

void AntennaLock::Unlock(int me) { state_->wants[me].store(false); }
