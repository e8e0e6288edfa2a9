// A failed execution, told for people: from raw events (event.h) and a Failure
// (world.h) to a verdict::Finding with the interleaving at source lines.
//
// What a step is: something that other threads could notice. Private data, and
// what libstdc++ does inside, are left out or folded into one step at the
// student's line. Stale reads are explained ("no happens-before edge from line
// 12 to line 20"), a race shows the two accesses and the missing edge, a
// deadlock the cycle with who holds what.
//
// Happens-before is computed again here, from the log alone: with C++20's rules
// for threads, locks, semaphores, atomics and fences.
//
// Thread safety: none. Call it before the world runs its next execution: the
// module's memory and the stacks are read for names.

#ifndef RACELAB_RUNTIMES_MODEL_TRACE_TRACE_H_
#define RACELAB_RUNTIMES_MODEL_TRACE_TRACE_H_

#include <cstdint>
#include <string>

#include "runtimes/model/event.h"
#include "runtimes/model/world.h"
#include "symbols/symbols.h"
#include "verdict/verdict.h"

namespace racelab::model {

// `source_root` is the lab's folder, where the module's file names
// ("student/counter.cc") are found. `inevitable_from`: the first schedule step
// (Event::step) from which on every continuation fails; -1: not known, or the
// log says.
verdict::Finding BuildFinding(const Failure& failure, const EventLog& log,
                              const symbols::Module& module,
                              const std::string& source_root,
                              int64_t inevitable_from = -1);

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_TRACE_TRACE_H_
