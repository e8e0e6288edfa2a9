// What a test has left behind in its process: children, descriptors, shared
// mappings, names in /dev/shm.
//
// Thread safety: none; call from the test's process while it has one thread.

#ifndef RACELAB_RUNTIMES_PROCESS_LEFTOVERS_H_
#define RACELAB_RUNTIMES_PROCESS_LEFTOVERS_H_

#include <map>
#include <set>
#include <string>
#include <vector>

namespace racelab::process {

struct Belongings {
  std::map<int, std::string> descriptors;  // what /proc/self/fd says of each
  std::set<std::string> shared_mappings;   // "address-range of what"
  std::set<std::string> names;             // in /dev/shm
};

Belongings LookAround();

// What is there now that was not in `before`, in sentences. Children are always
// too many; those that have ended are reaped. Names are removed, so that the
// next run starts clean.
std::vector<std::string> Leftovers(const Belongings& before);

}  // namespace racelab::process

#endif  // RACELAB_RUNTIMES_PROCESS_LEFTOVERS_H_
