// The part of the static check that a compiler's output can't show: what a
// student's files do to the text of the scenario that includes them, and to the
// places that messages name.

#ifndef RACELAB_BUILD_DIRECTIVES_H_
#define RACELAB_BUILD_DIRECTIVES_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "verdict/verdict.h"

namespace racelab::build {

// Findings of kind kForbiddenConstruct:
//   - text that compilers read in two ways (source_text.h's Ambiguities): what
//     one of them sees, nobody could check;
//   - #line, which lies about places, and attributes that hide functions from
//     inspect.h (nodebug);
//   - code that asks which of the engines it is compiled for, also with a name
//     that it pastes together;
//   - in a header: macros (#define or #undef) that are named like what a
//     scenario is written with: GoogleTest's and labkit's names, what their
//     macros expand to, keywords, and the identifiers of `scenario`;
//   - in a header: additions to the namespaces of GoogleTest and labkit, and to
//     std what is no specialization. Inlined, they leave no trace in what was
//     compiled.
// `files`: all of student/, by name as shown: "student/counter.h". `scenario`
// may hold the text of more than one file.
std::vector<verdict::Finding> InspectDirectives(
    const std::map<std::string, std::string>& files, std::string_view scenario);

}  // namespace racelab::build

#endif  // RACELAB_BUILD_DIRECTIVES_H_
