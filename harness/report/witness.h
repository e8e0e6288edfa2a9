// Which of several engines' findings tells most about a failed test.

#ifndef RACELAB_REPORT_WITNESS_H_
#define RACELAB_REPORT_WITNESS_H_

#include "report/model.h"
#include "verdict/verdict.h"

namespace racelab::report {

// An interleaving first, then two accesses or blocked threads, then any
// finding; null if no engine failed.
const verdict::TestResult* BestWitness(const TestReport& test);

// The finding's place in the student's own files, if it has one; else wherever
// it is.
verdict::SourceLocation StudentPlace(const verdict::Finding& finding);

}  // namespace racelab::report

#endif  // RACELAB_REPORT_WITNESS_H_
