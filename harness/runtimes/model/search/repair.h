// Asks whether a change of the program would have excluded every failure: it is
// searched again as if it had been changed, to the end.
//
// Thread safety: none.

#ifndef RACELAB_RUNTIMES_MODEL_SEARCH_REPAIR_H_
#define RACELAB_RUNTIMES_MODEL_SEARCH_REPAIR_H_

#include <cstdint>
#include <optional>

#include "runtimes/model/search/driver.h"
#include "runtimes/model/search/options.h"
#include "runtimes/model/world.h"

namespace racelab::model {

struct HintOptions {
  uint64_t executions = 20000;  // of one search
  double seconds = 1;           // of all searches for a kind of change, of
                                // processor time
};

class Repair {
 public:
  // The references must outlive it.
  Repair(const WorldFactory& make_world, const SearchOptions& options,
         const DriverHooks& hooks, const HintOptions& limits)
      : make_world_(make_world),
        options_(options),
        hooks_(hooks),
        limits_(limits),
        start_(hooks.clock->CpuSeconds()) {}

  // The number of executions of the changed program, if none of them fails and
  // they were all there are. nullopt: one failed, or the budget is spent, or
  // the program cannot be searched to its end.
  std::optional<uint64_t> Excludes(WorldOptions changed);

 private:
  const WorldFactory& make_world_;
  const SearchOptions& options_;
  const DriverHooks& hooks_;
  const HintOptions limits_;
  const double start_;
};

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_SEARCH_REPAIR_H_
