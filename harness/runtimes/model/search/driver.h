// From a test to its result: runs a World under the searches that the options
// ask for, until a failure, the end of the search or of the budget.
//
// In this order:
//   1. the first execution is run twice; if the two differ, the scenario is not
//      deterministic: inconclusive, with the line;
//   2. the phases of the portfolio (portfolio.h);
//   3. a failing execution is shrunk, run again with its history, and handed to
//      `build_finding`;
//   4. labels that EXPECT_REACHABLE asked for and nothing reached fail the test
//      if the search was exhausted, and are inconclusive if not.
//
// A step limit that was hit is inconclusive: such an execution says nothing.
//
// Errors: none of its own; what it could not do is a result (kInconclusive, or
// kHarnessError for a replay string that is none).
//
// Thread safety: single-threaded, as the world is.

#ifndef RACELAB_RUNTIMES_MODEL_SEARCH_DRIVER_H_
#define RACELAB_RUNTIMES_MODEL_SEARCH_DRIVER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "runtimes/model/event.h"
#include "runtimes/model/search/budget.h"
#include "runtimes/model/search/options.h"
#include "runtimes/model/world.h"
#include "verdict/judgement.h"
#include "verdict/verdict.h"

namespace racelab::model {

// What is known of a failing execution besides its events.
struct Witness {
  std::string replay;        // the decisions, as text
  int context_switches = 0;  // from one thread to another
  // The first step (Event::step) from which on every continuation failed, as
  // far as trials can tell for certain; -1 if that is not known.
  int64_t inevitable_from = -1;
};

using WorldFactory =
    std::function<std::unique_ptr<World>(const WorldOptions& options)>;

struct DriverHooks {
  // Names and arranges what happened. Without it, a finding has the failure's
  // kind, message and line, and no trace.
  std::function<verdict::Finding(const Failure& failure, const EventLog& log,
                                 const Witness& witness)>
      build_finding;
  // The source line of a code address, for messages.
  std::function<verdict::SourceLocation(uintptr_t pc)> locate;
  // The function that the innermost of the student's frames of a call stack is
  // in; begin == end where there is none.
  struct Function {
    uintptr_t begin = 0;  // code addresses
    uintptr_t end = 0;
    verdict::SourceLocation declared;  // with its name
  };
  std::function<Function(const std::vector<uintptr_t>& stack)> function;
  // What a student calls the object at an address; empty: not known.
  std::function<std::string(const EventLog& log, uintptr_t object)> name;
  // Called about once a second.
  std::function<void(uint64_t executions)> progress;
  SearchClock* clock = SearchClock::Real();  // outlives the call
};

// `test` is the name for the result: "Counter.NoIncrementIsLost".
verdict::Judgement CheckTest(const std::string& test,
                             const WorldFactory& make_world,
                             const SearchOptions& options,
                             const DriverHooks& hooks);

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_SEARCH_DRIVER_H_
