// The stress engine: the body, round after round, on real threads, until the
// time is spent, and every way to disturb has had its rounds. The native module
// runs at full speed; the instrumented one with random delays at its accesses
// (delays.h). In every round the created threads start within nanoseconds of
// each other (threads.h), and the module's state is as it was after loading
// (heap.h).
//
// A pass says how many rounds went well: evidence, no proof. A failure is one
// that happened: a wrong result, a crash, or a deadlock that is proved
// (hang.h). Whatever only takes long is inconclusive.
//
// Rounds run in a child; a crash ends the child, not the runner.
//
// Thread safety: as EngineRunner.

#ifndef RACELAB_RUNTIMES_STRESS_STRESS_RUNNER_H_
#define RACELAB_RUNTIMES_STRESS_STRESS_RUNNER_H_

#include <cstdint>
#include <memory>

#include "runtimes/common/blackboard.h"
#include "runtimes/common/places.h"
#include "runtimes/common/runner.h"

namespace racelab::stress {

class StressRunner : public runtimes::EngineRunner {
 public:
  StressRunner() = default;

  verdict::Engine engine() const override { return verdict::Engine::kStress; }
  bool isolated() const override { return true; }
  absl::Status Prepare(const runtimes::Request& request) override;
  runtimes::Judgement Judge(const runtimes::TestInfo& test,
                            runtimes::Session& session) override;

 private:
  bool native_ = false;
  uint64_t rounds_ = 0;  // 0: until the time is spent
  double seconds_ = 1;
  double hang_seconds_ = 5;
  runtimes::SharedBlackboard board_;
  std::unique_ptr<runtimes::Places> places_;
};

}  // namespace racelab::stress

#endif  // RACELAB_RUNTIMES_STRESS_STRESS_RUNNER_H_
