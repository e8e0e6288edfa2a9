// What a compiler or linker said, as findings.

#ifndef RACELAB_BUILD_DIAGNOSTICS_H_
#define RACELAB_BUILD_DIAGNOSTICS_H_

#include <string>
#include <string_view>

#include "verdict/verdict.h"

namespace racelab::build {

// The message for a student: sandbox paths removed, at most 16 KB.
std::string Clean(std::string_view diagnostics);

// One kBuildError finding: the first error's sentence and place, and the whole
// text in `output`.
verdict::Finding BuildError(std::string_view diagnostics);

// lld's warnings about symbols that nothing defines, less those that the runner
// does (GoogleTest, the labkit's hooks, instrumentation, Abseil): the functions
// that a student declared and forgot to write. Empty if there are none.
std::string MissingDefinitions(std::string_view linker_output);

}  // namespace racelab::build

#endif  // RACELAB_BUILD_DIAGNOSTICS_H_
