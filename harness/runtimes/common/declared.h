// The CONCURRENT_TESTs that have declared themselves while a module was loaded.
//
// Thread safety: none; loading is done by one thread.

#ifndef RACELAB_RUNTIMES_COMMON_DECLARED_H_
#define RACELAB_RUNTIMES_COMMON_DECLARED_H_

#include <vector>

#include "runtimes/common/records.h"

namespace racelab::runtimes {

std::vector<TestInfo>& DeclaredConcurrentTests();

}  // namespace racelab::runtimes

#endif  // RACELAB_RUNTIMES_COMMON_DECLARED_H_
