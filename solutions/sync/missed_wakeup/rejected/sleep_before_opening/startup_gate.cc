#include "startup_gate.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

struct StartupGate::State {
  std::mutex mutex;
  std::condition_variable opened;
};

StartupGate::StartupGate() : state_(std::make_unique<State>()) {}
StartupGate::~StartupGate() = default;

void StartupGate::Open() {
  // Give the handlers time to get to their wait.
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  std::lock_guard<std::mutex> lock(state_->mutex);
  state_->opened.notify_all();
}

void StartupGate::WaitUntilOpen() {
  std::unique_lock<std::mutex> lock(state_->mutex);
  state_->opened.wait(lock);
}
