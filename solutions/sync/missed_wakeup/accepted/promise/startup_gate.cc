#include "startup_gate.h"

#include <future>

struct StartupGate::State {
  std::promise<void> promise;
  std::shared_future<void> opened{promise.get_future()};
};

StartupGate::StartupGate() : state_(std::make_unique<State>()) {}
StartupGate::~StartupGate() = default;

void StartupGate::Open() { state_->promise.set_value(); }

void StartupGate::WaitUntilOpen() {
  // Each waiter has a handle of its own: a shared_future object is not to be
  // used by two threads at once.
  std::shared_future<void> opened = state_->opened;
  opened.wait();
}
