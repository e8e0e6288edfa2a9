// One finding at length, for the terminal.

#ifndef RACELAB_REPORT_FINDING_TEXT_H_
#define RACELAB_REPORT_FINDING_TEXT_H_

#include <cstddef>
#include <string>
#include <vector>

#include "report/model.h"
#include "report/text.h"
#include "verdict/verdict.h"

namespace racelab::report {

// Lines of at most `width` columns, without indentation: the story, what its
// kind means, then the interleaving, or, without one, the accesses or the
// blocked threads at their source lines, or what the compiler said.
std::vector<std::string> FindingText(const verdict::Finding& finding,
                                     const LabReport& lab, size_t width,
                                     const Style& style);

// The text of a line of the lab's sources, trimmed; "" if it is not known.
std::string SourceLine(const LabReport& lab,
                       const verdict::SourceLocation& where);

}  // namespace racelab::report

#endif  // RACELAB_REPORT_FINDING_TEXT_H_
