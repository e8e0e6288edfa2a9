// The part of the static check that a compiler's output can't show: what a
// student's files do to the text of the scenario that includes them, and to the
// places that messages name.

#ifndef RACELAB_BUILD_DIRECTIVES_H_
#define RACELAB_BUILD_DIRECTIVES_H_

#include <string>
#include <string_view>
#include <vector>

#include "verdict/verdict.h"

namespace racelab::build {

// Findings of kind kForbiddenConstruct:
//   - #line, which lies about places, and attributes that hide functions from
//     inspect.h (nodebug);
//   - code that asks which of the engines it is compiled for;
//   - in a header: macros (#define or #undef) that are named like what a
//     scenario is written with: GoogleTest's and labkit's names, what their
//     macros expand to, keywords, and the identifiers of `scenario`;
//   - in a header: additions to the namespaces of GoogleTest and labkit, and to
//     std what is no specialization. Inlined, they leave no trace in what was
//     compiled.
// `file` is as shown: "student/counter.h". `scenario` may hold the text of more
// than one file.
std::vector<verdict::Finding> InspectDirectives(const std::string& file,
                                                std::string_view text,
                                                std::string_view scenario);

}  // namespace racelab::build

#endif  // RACELAB_BUILD_DIRECTIVES_H_
