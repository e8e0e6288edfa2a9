// The tsan engine: a few runs of real threads under libtsan's happens-before
// race detector (FastTrack-like; Serebryany, Iskhodzhanov, "ThreadSanitizer –
// data race detection in practice", WBIA 2009), each with another schedule. The
// first report ends the test: one race proves the bug.
//
// A pass says that no run had a race, not that there is none: libtsan sees the
// races of the schedules that happened, and an accidental order hides one.
// Hence several runs, and hence the model.
//
// What libtsan does not know of stand-alone fences: fences.h.
//
// The runs of a test share a child where they can (runs.h). It forks from the
// runner before libtsan has seen a second thread, so that libtsan goes on
// working in the child: much cheaper than starting the runner anew.
//
// Thread safety: as EngineRunner.

#ifndef RACELAB_RUNTIMES_TSAN_TSAN_RUNNER_H_
#define RACELAB_RUNTIMES_TSAN_TSAN_RUNNER_H_

#include <cstdint>
#include <memory>
#include <string>

#include "runtimes/common/blackboard.h"
#include "runtimes/common/places.h"
#include "runtimes/common/runner.h"

namespace racelab::tsan {

class TsanRunner : public runtimes::EngineRunner {
 public:
  TsanRunner() = default;

  verdict::Engine engine() const override { return verdict::Engine::kTsan; }
  bool isolated() const override { return true; }
  absl::Status Prepare(const runtimes::Request& request) override;
  std::string mend() const override;
  runtimes::Judgement Judge(const runtimes::TestInfo& test,
                            runtimes::Session& session) override;
  // True if the canary was reported in every run that could reach it.
  bool Canary(runtimes::Session&) override { return canary_; }

 private:
  uint64_t runs_ = 5;
  double seconds_ = 5;
  double hang_seconds_ = 5;
  bool canary_ = true;
  runtimes::SharedBlackboard board_;
  std::unique_ptr<runtimes::Places> places_;
};

}  // namespace racelab::tsan

#endif  // RACELAB_RUNTIMES_TSAN_TSAN_RUNNER_H_
