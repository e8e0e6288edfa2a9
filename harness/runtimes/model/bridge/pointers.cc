#include "runtimes/model/bridge/pointers.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "runtimes/model/execution.h"
#include "runtimes/model/platform/arena.h"
#include "runtimes/model/platform/fiber.h"
#include "runtimes/model/platform/module_state.h"

namespace racelab::model {

void LogPointers() {
  // A program with more to search has no short names to be found.
  constexpr size_t kMostWords = size_t{1} << 20;
  // Of a stack, its outermost part: what was live lies there.
  constexpr size_t kMostStack = size_t{64} << 10;
  size_t words = 0;
  const auto scan = [&](uintptr_t begin, uintptr_t end) {
    begin = (begin + sizeof(uintptr_t) - 1) & ~(sizeof(uintptr_t) - 1);
    for (; begin + sizeof(uintptr_t) <= end && words < kMostWords;
         begin += sizeof(uintptr_t), ++words) {
      uintptr_t word;
      std::memcpy(&word, reinterpret_cast<const void*>(begin), sizeof word);
      if (Arena::Contains(word) && word < heap_arena.top()) {
        execution.log->pointers.push_back({begin, word});
      }
    }
  };
  for (const Range& range : module_state.writable()) {
    scan(range.begin, range.end);
  }
  for (const HeapBlock& block : execution.log->heap) {
    scan(block.address, block.address + block.size);
  }
  for (int t = 0; t < execution.created; ++t) {
    scan(StackHigh(t) - kMostStack, StackHigh(t));
  }
}

}  // namespace racelab::model
