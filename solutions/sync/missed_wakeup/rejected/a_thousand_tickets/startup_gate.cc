#include "startup_gate.h"

#include <semaphore>

struct StartupGate::State {
  std::counting_semaphore<> tickets{0};
};

StartupGate::StartupGate() : state_(std::make_unique<State>()) {}
StartupGate::~StartupGate() = default;

void StartupGate::Open() { state_->tickets.release(1000); }

void StartupGate::WaitUntilOpen() { state_->tickets.acquire(); }
