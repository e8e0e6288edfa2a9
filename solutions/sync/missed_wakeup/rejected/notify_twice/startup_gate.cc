#include "startup_gate.h"

#include <condition_variable>
#include <mutex>

struct StartupGate::State {
  std::mutex mutex;
  std::condition_variable opened;
  bool open = false;  // guarded by mutex
};

StartupGate::StartupGate() : state_(std::make_unique<State>()) {}
StartupGate::~StartupGate() = default;

void StartupGate::Open() {
  std::lock_guard<std::mutex> lock(state_->mutex);
  state_->open = true;
  state_->opened.notify_one();
  state_->opened.notify_one();
}

void StartupGate::WaitUntilOpen() {
  std::unique_lock<std::mutex> lock(state_->mutex);
  while (!state_->open) state_->opened.wait(lock);
}
