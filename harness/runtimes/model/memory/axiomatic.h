// Decides litmus tests by the axioms: enumerates candidate executions (values
// read, rf, mo, the order of critical sections) and keeps those that the model
// calls consistent. Shares nothing with StoreHistories, which it checks.
// Testing only; exponential.

#ifndef RACELAB_RUNTIMES_MODEL_MEMORY_AXIOMATIC_H_
#define RACELAB_RUNTIMES_MODEL_MEMORY_AXIOMATIC_H_

#include "runtimes/model/memory/litmus.h"

namespace racelab::model {

// How seq_cst is defined; everything else is the same for all.
enum class ScAxiom {
  kRacelab,  // store_histories.h: all that either of the others asks for
  kRc11,     // Lahav et al., PLDI 2017, section 3: psc is acyclic
  kCxx20,    // [atomics.order]: a total order S exists
};

LitmusOutcomes Enumerate(const LitmusTest& test,
                         ScAxiom sc = ScAxiom::kRacelab);

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_MEMORY_AXIOMATIC_H_
