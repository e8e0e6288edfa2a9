// The module's globals, put back between runs of one child. Unlike the stress
// engine's (stress/heap.h), no block of the heap: libtsan must see every free()
// for what it is. A module whose globals hold blocks of the heap when it has
// been loaded gets a child for each run.
//
// Thread safety: none; used while no thread of the scenario runs.

#ifndef RACELAB_RUNTIMES_TSAN_GLOBALS_H_
#define RACELAB_RUNTIMES_TSAN_GLOBALS_H_

#include <vector>

#include "runtimes/common/module.h"

namespace racelab::tsan {

class Globals {
 public:
  // Saves them as they are now.
  explicit Globals(const runtimes::LoadedModule& module);

  // All that the module's initializers left is in what was saved: no word of it
  // looks like a pointer into the heap, GoogleTest's own records apart.
  bool Whole() const { return whole_; }

  void Restore() const;

 private:
  struct Saved {
    void* at;
    std::vector<char> bytes;
  };
  std::vector<Saved> saved_;
  bool whole_ = true;
};

}  // namespace racelab::tsan

#endif  // RACELAB_RUNTIMES_TSAN_GLOBALS_H_
