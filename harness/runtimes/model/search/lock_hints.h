// Locks that would have excluded a failure: "Holding bank.lock_ throughout
// Deposit() (bank.cc:12) would have excluded this failure".
//
// Candidates are mutexes that the failing execution itself locked, and the
// student's functions that accessed, without that mutex, what several threads
// share, or that took it several times. The program is searched again with the
// mutex held from a function's entry to its return (WorldOptions::holding),
// each function alone, then all of them, less those that it works without. As
// with orders, nothing is said unless that search is exhausted and finds no
// failure of any kind: a deadlock that the lock would cause is one.

#ifndef RACELAB_RUNTIMES_MODEL_SEARCH_LOCK_HINTS_H_
#define RACELAB_RUNTIMES_MODEL_SEARCH_LOCK_HINTS_H_

#include <string>
#include <vector>

#include "runtimes/model/event.h"
#include "runtimes/model/search/driver.h"
#include "runtimes/model/search/options.h"
#include "runtimes/model/search/repair.h"

namespace racelab::model {

// At most one. Empty without hooks.function and hooks.name.
std::vector<std::string> FindLockHints(const WorldFactory& make_world,
                                       const SearchOptions& options,
                                       const EventLog& log,
                                       const DriverHooks& hooks,
                                       const HintOptions& limits = {});

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_SEARCH_LOCK_HINTS_H_
