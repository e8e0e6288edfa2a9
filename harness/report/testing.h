// A run to print, as a grading of two labs would fill it in; for tests.

#ifndef RACELAB_REPORT_TESTING_H_
#define RACELAB_REPORT_TESTING_H_

#include <string>

#include "report/model.h"

namespace racelab::report {

// lost_update fails with a data race whose interleaving the model found;
// bank_transfer passes.
RunReport ExampleRun();

// Everything that can be wrong with what a student controls: control
// characters, broken UTF-8, markup, workflow commands, in every string.
RunReport HostileRun();

}  // namespace racelab::report

#endif  // RACELAB_REPORT_TESTING_H_
