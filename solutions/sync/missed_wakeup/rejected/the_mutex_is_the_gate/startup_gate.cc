#include "startup_gate.h"

#include <mutex>

struct StartupGate::State {
  State() { closed.lock(); }

  std::mutex closed;
};

StartupGate::StartupGate() : state_(std::make_unique<State>()) {}
StartupGate::~StartupGate() = default;

void StartupGate::Open() { state_->closed.unlock(); }

void StartupGate::WaitUntilOpen() {
  std::lock_guard<std::mutex> lock(state_->closed);
}
