// Random small litmus tests. Testing only.

#ifndef RACELAB_RUNTIMES_MODEL_MEMORY_LITMUS_RANDOM_H_
#define RACELAB_RUNTIMES_MODEL_MEMORY_LITMUS_RANDOM_H_

#include <cstdint>

#include "runtimes/model/memory/litmus.h"

namespace racelab::model {

struct LitmusRandomOptions {
  int threads = 3;
  int operations = 7;  // in all, at most
  int locations = 2;
  // Weights out of 100 of what is not a plain load or store.
  int rmws = 15;
  int fences = 15;
  int plain = 0;
  int sections = 0;  // an access inside of a lock's critical section
  // Weight out of 100 of seq_cst among the orders.
  int seq_cst = 40;
};

// The same seed gives the same test.
LitmusTest RandomLitmus(const LitmusRandomOptions& options, uint64_t seed);

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_MEMORY_LITMUS_RANDOM_H_
