// The static check: reads what was compiled of a student's files.
//
// Two questions.
//  1. Does it use only what the lab's `may_use` lists (capabilities.h)? Every
//     call that leaves the object counts, with the student's line that led to
//     it, through whatever was inlined and whichever library templates lie
//     between.
//  2. Does it hide from what judges it? Functions without instrumentation,
//     accesses that the instrumentation leaves out, inline assembly, symbols
//     that take over the runner's or the library's, calls that end the program
//     or speak to the detector, functions that run before the runner is ready.
//     None of these is ever allowed.
//
// What it can't see: a call through a pointer that was computed. The sandbox,
// not this check, keeps such a program from doing harm.

#ifndef RACELAB_BUILD_INSPECT_H_
#define RACELAB_BUILD_INSPECT_H_

#include <string>
#include <string_view>
#include <vector>

#include "verdict/verdict.h"

namespace racelab::build {

struct Inspection {
  // LLVM's text form of one translation unit.
  std::string_view ir;
  // "student/counter.cc" or "scenario.cc". Of a scenario's unit only what
  // stems from the student's headers counts.
  std::string file;
  bool student = true;
  // Compiled with -fsanitize=thread: functions must carry the instrumentation.
  bool instrumented = true;
  std::vector<std::string> may_use;
};

// One finding (kForbiddenConstruct) for each construct, by line.
std::vector<verdict::Finding> Inspect(const Inspection& inspection);

}  // namespace racelab::build

#endif  // RACELAB_BUILD_INSPECT_H_
