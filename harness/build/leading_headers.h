// What a translation unit includes of the system before anything else: that
// part costs most of its compilation, and is the same in answer after answer.

#ifndef RACELAB_BUILD_LEADING_HEADERS_H_
#define RACELAB_BUILD_LEADING_HEADERS_H_

#include <map>
#include <string>
#include <vector>

namespace racelab::build {

// The headers in angle brackets ("vector", "sys/wait.h"), in order, that `unit`
// and the students' files that it includes name before the first text of any
// other kind: code, a macro that is no include guard, a condition, a file that
// is not there. So whoever compiles them first, and then the unit, compiles the
// same text as without; a missing #include stays missed.
// `sources` maps "student/counter.cc" to its content.
std::vector<std::string> LeadingHeaders(
    const std::map<std::string, std::string>& sources, const std::string& unit);

}  // namespace racelab::build

#endif  // RACELAB_BUILD_LEADING_HEADERS_H_
