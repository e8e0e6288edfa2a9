// From which step on was a failure certain?

#ifndef RACELAB_RUNTIMES_MODEL_SEARCH_INEVITABLE_H_
#define RACELAB_RUNTIMES_MODEL_SEARCH_INEVITABLE_H_

#include <cstdint>

#include "runtimes/model/strategy.h"
#include "runtimes/model/world.h"

namespace racelab::model {

// The first step (SchedulePoint::step) such that every execution that begins
// like `stream`, up to and including that step, fails, in whatever way; -1 if
// that could not be found out with about that `effort` (EffortOf). The answer
// is exact: each candidate's continuations are searched exhaustively, and one
// that does not end within the budget counts as unknown. `stream` must fail in
// `world`.
int64_t InevitableFrom(World* world, const DecisionStream& stream,
                       uint64_t effort);

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_SEARCH_INEVITABLE_H_
