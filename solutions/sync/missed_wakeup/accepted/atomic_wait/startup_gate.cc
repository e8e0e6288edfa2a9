#include "startup_gate.h"

#include <atomic>

struct StartupGate::State {
  std::atomic<bool> open{false};
};

StartupGate::StartupGate() : state_(std::make_unique<State>()) {}
StartupGate::~StartupGate() = default;

void StartupGate::Open() {
  // Release: publishes what was done before Open() to the handlers.
  state_->open.store(true, std::memory_order_release);
  state_->open.notify_all();
}

void StartupGate::WaitUntilOpen() {
  // Acquire: pairs with the store in Open().
  state_->open.wait(false, std::memory_order_acquire);
}
