#include "antenna_lock.h"

#include <thread>

struct AntennaLock::State {
  volatile bool wants[2] = {false, false};
  volatile int turn = 0;
};

AntennaLock::AntennaLock() : state_(std::make_unique<State>()) {}
AntennaLock::~AntennaLock() = default;

void AntennaLock::Lock(int me) {
  const int other = 1 - me;
  state_->wants[me] = true;
  state_->turn = other;
  while (state_->wants[other] && state_->turn == other) {
    std::this_thread::yield();
  }
}

void AntennaLock::Unlock(int me) { state_->wants[me] = false; }
