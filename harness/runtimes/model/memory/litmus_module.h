// Litmus tests as a lab module: C++ as a student would write it. Testing only.

#ifndef RACELAB_RUNTIMES_MODEL_MEMORY_LITMUS_MODULE_H_
#define RACELAB_RUNTIMES_MODEL_MEMORY_LITMUS_MODULE_H_

#include <string>
#include <vector>

#include "runtimes/model/memory/litmus.h"

namespace racelab::model {

// The C++ name of a test, of the suite "Litmus".
std::string ModuleTestName(const LitmusTest& test);

// The source of a scenario with a CONCURRENT_TEST for each test. It passes only
// if its executions end in exactly the outcomes that the axioms allow
// (Enumerate()); those of a test with a race have to end with that finding.
std::string ToModule(const std::vector<LitmusTest>& tests);

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_MEMORY_LITMUS_MODULE_H_
