// Linkage names as people and rules read them.

#ifndef RACELAB_BUILD_LINKAGE_NAMES_H_
#define RACELAB_BUILD_LINKAGE_NAMES_H_

#include <string>

namespace racelab::build {

// "std::mutex::lock" of "_ZNSt5mutex4lockEv": the function with its scopes
// (which keep their template arguments), without return type, parameters,
// template arguments of its own and the inline namespaces that only versions
// are called by. C names stay.
std::string QualifiedName(const std::string& symbol);

// The same for students: the classes that they know (std::atomic) instead of
// those that libstdc++ makes them of (std::__atomic_base), and no template
// arguments at all.
std::string Readable(const std::string& symbol);

}  // namespace racelab::build

#endif  // RACELAB_BUILD_LINKAGE_NAMES_H_
