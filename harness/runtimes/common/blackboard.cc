#include "runtimes/common/blackboard.h"

#include <sys/mman.h>

#include <new>

namespace racelab::runtimes {

void Unmap::operator()(Blackboard* blackboard) const {
  munmap(blackboard, sizeof(Blackboard));
}

SharedBlackboard NewBlackboard() {
  void* memory = mmap(nullptr, sizeof(Blackboard), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return nullptr;
  SharedBlackboard blackboard(new (memory) Blackboard);
  for (size_t i = 0; i < kMaxThreads; ++i) blackboard->threads[i].index = i;
  return blackboard;
}

}  // namespace racelab::runtimes
