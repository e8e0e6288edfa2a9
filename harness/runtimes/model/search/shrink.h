// Makes a failing execution as simple as possible for a person: the fewest
// switches between threads, then the fewest other unusual decisions.
//
// First bounded search with 0, 1, 2, … preemptions, up to what the execution
// has, within a budget: the first failure of the same kind has the fewest
// preemptions there are. Then switches and stale reads are taken back one by
// one, as long as the failure stays of its kind (delta debugging: Zeller,
// Hildebrandt, IEEE TSE 2002; for schedules: Jalbert, Sen, "A trace
// simplification technique for effective debugging of concurrent programs",
// FSE 2010).
//
// Deterministic: budgets are counts of what executions do (EffortOf), not
// seconds.

#ifndef RACELAB_RUNTIMES_MODEL_SEARCH_SHRINK_H_
#define RACELAB_RUNTIMES_MODEL_SEARCH_SHRINK_H_

#include <cstdint>

#include "runtimes/model/strategy.h"
#include "runtimes/model/world.h"
#include "verdict/verdict.h"

namespace racelab::model {

struct ShrinkOptions {
  uint64_t search_effort = 2'000'000;   // of bounded search
  uint64_t edit_effort = 500'000;       // of taking back decisions
  uint64_t certain_effort = 2'000'000;  // of finding inevitable_from
};

struct ShrinkResult {
  DecisionStream stream;  // fails with the same kind; at worst what came in
  int switches = 0;
  int preemptions = 0;
  // The first step (SchedulePoint::step) such that every execution that agrees
  // up to there fails; -1 if that was not found out for certain.
  int64_t inevitable_from = -1;
};

// `stream` must fail with `kind` in `world`.
ShrinkResult Shrink(World* world, verdict::FailureKind kind,
                    const DecisionStream& stream,
                    const ShrinkOptions& options = {});

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_SEARCH_SHRINK_H_
