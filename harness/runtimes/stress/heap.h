// The module's state, put back before each round: its globals, and the heap
// blocks that its globals held when it had been loaded.
//
// The runner's own malloc and free (heap.cc) remember the blocks that the
// module's initializers allocated, and never give those back: a round may free
// them, the next has them again, with their first contents. What a round
// allocates and leaves in a global is forgotten with the global, and lost until
// the process ends.
//
// Thread safety: the allocator is as thread-safe as libc's, which does the
// work. ModuleState and RecordAllocations by one thread, while no other runs.

#ifndef RACELAB_RUNTIMES_STRESS_HEAP_H_
#define RACELAB_RUNTIMES_STRESS_HEAP_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "runtimes/common/module.h"

namespace racelab::stress {

// While it lives, allocations of this process are remembered, with their
// stacks.
class RecordAllocations {
 public:
  RecordAllocations();
  ~RecordAllocations();
  RecordAllocations(const RecordAllocations&) = delete;
  RecordAllocations& operator=(const RecordAllocations&) = delete;
};

class ModuleState {
 public:
  // Saves the state as it is now. Of the recorded allocations those count that
  // the module's own code, or libraries for it, made: not GoogleTest's.
  explicit ModuleState(const runtimes::LoadedModule& module);

  void Restore() const;

  size_t bytes() const { return bytes_; }

 private:
  struct Saved {
    void* at;
    std::vector<char> contents;
  };
  std::vector<Saved> saved_;
  size_t bytes_ = 0;
};

}  // namespace racelab::stress

#endif  // RACELAB_RUNTIMES_STRESS_HEAP_H_
