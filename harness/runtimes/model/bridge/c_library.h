// Functions of the C library, beside those on strings (c_strings.h), that read
// or write what the program points them to: plain accesses that no compiler
// instruments.

#ifndef RACELAB_RUNTIMES_MODEL_BRIDGE_C_LIBRARY_H_
#define RACELAB_RUNTIMES_MODEL_BRIDGE_C_LIBRARY_H_

#include <cstdint>

namespace racelab::model {

// The function that tells of the accesses and then does what the one of that
// name does; 0: it is none of these.
uintptr_t WatchedLibraryCall(const char* name);

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_BRIDGE_C_LIBRARY_H_
