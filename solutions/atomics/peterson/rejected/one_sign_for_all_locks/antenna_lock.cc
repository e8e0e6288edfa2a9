#include "antenna_lock.h"

#include <atomic>
#include <thread>

struct AntennaLock::State {};

namespace {

std::atomic<bool> wants[2] = {false, false};
std::atomic<int> turn{0};

}  // namespace

AntennaLock::AntennaLock() = default;
AntennaLock::~AntennaLock() = default;

void AntennaLock::Lock(int me) {
  const int other = 1 - me;
  wants[me].store(true);
  turn.store(other);
  while (wants[other].load() && turn.load() == other) {
    std::this_thread::yield();
  }
}

void AntennaLock::Unlock(int me) { wants[me].store(false); }
