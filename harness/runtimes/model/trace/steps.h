// The rows of a trace: the events of an execution that tell its story, in
// words.

#ifndef RACELAB_RUNTIMES_MODEL_TRACE_STEPS_H_
#define RACELAB_RUNTIMES_MODEL_TRACE_STEPS_H_

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "runtimes/model/event.h"
#include "runtimes/model/trace/names.h"
#include "verdict/verdict.h"

namespace racelab::model {

struct Row {
  size_t event = 0;  // its first event
  verdict::Step step;
};

struct StepsRequest {
  const EventLog* log = nullptr;
  Names* names = nullptr;
  std::string source_root;
  // Events that must have a row, with a note for it (which may be empty).
  std::map<size_t, std::string> pinned;
  // A heap block whose allocation and freeing matter; 0: none.
  uintptr_t block = 0;
  // An event that did not take place (the second access of a race, which ended
  // the execution): it has no value. ~0: none.
  size_t unfinished = ~size_t{0};
};

std::vector<Row> BuildSteps(const StepsRequest& request);

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_TRACE_STEPS_H_
