#include "startup_gate.h"

#include <condition_variable>
#include <mutex>

namespace {

bool open = false;  // guarded by the gate's mutex

}  // namespace

struct StartupGate::State {
  std::mutex mutex;
  std::condition_variable opened;
};

StartupGate::StartupGate() : state_(std::make_unique<State>()) {
  open = false;  // a new gate is closed
}
StartupGate::~StartupGate() = default;

void StartupGate::Open() {
  std::lock_guard<std::mutex> lock(state_->mutex);
  open = true;
  state_->opened.notify_all();
}

void StartupGate::WaitUntilOpen() {
  std::unique_lock<std::mutex> lock(state_->mutex);
  state_->opened.wait(lock, [] { return open; });
}
