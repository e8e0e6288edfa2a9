// Repairs that would have excluded a failure: "acquire instead of relaxed at
// student/flag.cc:12 would have excluded this failure".
//
// Nothing is guessed: the program is searched again with the access played in
// the stronger order (WorldOptions::strengthened), and a hint is given only if
// that search is exhausted and finds no failure of any kind. What cannot be
// exhausted within the budget is not said.
//
// Tried in this order, so that the smallest repair is found: one access;
// two accesses of one object (a release store and the acquire load that reads
// it); all accesses that acquire and release, and then all sequentially
// consistent, less those that it works without. Then the locks (lock_hints.h).

#ifndef RACELAB_RUNTIMES_MODEL_SEARCH_HINTS_H_
#define RACELAB_RUNTIMES_MODEL_SEARCH_HINTS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "runtimes/model/event.h"
#include "runtimes/model/search/driver.h"
#include "runtimes/model/search/options.h"
#include "runtimes/model/search/repair.h"
#include "runtimes/model/world.h"
#include "verdict/verdict.h"

namespace racelab::model {

// Hints for the failure whose events `log` has; empty if no such change
// excludes it. `options` are those of the failed search.
std::vector<std::string> FindHints(const WorldFactory& make_world,
                                   const SearchOptions& options,
                                   const EventLog& log,
                                   const DriverHooks& hooks,
                                   const HintOptions& limits = {});

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_SEARCH_HINTS_H_
