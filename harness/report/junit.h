// JUnit XML for CI: a suite a lab, a case a test and engine. A failure is a
// <failure>, a harness error an <error>, an inconclusive result <skipped>.

#ifndef RACELAB_REPORT_JUNIT_H_
#define RACELAB_REPORT_JUNIT_H_

#include <string>

#include "report/model.h"

namespace racelab::report {

// Well-formed whatever the strings hold: bytes that XML cannot carry are
// replaced.
std::string Junit(const RunReport& run);

}  // namespace racelab::report

#endif  // RACELAB_REPORT_JUNIT_H_
