// The C library's functions on memory and strings: plain accesses that no
// compiler instruments (clang does so for three of them).

#ifndef RACELAB_RUNTIMES_MODEL_BRIDGE_C_STRINGS_H_
#define RACELAB_RUNTIMES_MODEL_BRIDGE_C_STRINGS_H_

#include <link.h>

namespace racelab::model {

// From now on the object's calls of them, and of those in c_library.h, tell
// what they read and write. Only its own: everybody else's go where they went.
void WatchStringCalls(const link_map& object);

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_BRIDGE_C_STRINGS_H_
