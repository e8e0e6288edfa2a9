#include "startup_gate.h"

#include <condition_variable>
#include <mutex>

struct StartupGate::State {
  std::mutex mutex;
  std::condition_variable opened;
};

StartupGate::StartupGate() : state_(std::make_unique<State>()) {}
StartupGate::~StartupGate() = default;

void StartupGate::Open() { state_->opened.notify_all(); }

void StartupGate::WaitUntilOpen() {
  std::unique_lock<std::mutex> lock(state_->mutex);
  state_->opened.wait(lock);
}
