#include "startup_gate.h"

#include <latch>

struct StartupGate::State {
  std::latch closed{1};
};

StartupGate::StartupGate() : state_(std::make_unique<State>()) {}
StartupGate::~StartupGate() = default;

void StartupGate::Open() { state_->closed.count_down(); }

void StartupGate::WaitUntilOpen() { state_->closed.wait(); }
