#include "runtimes/model/bridge/leaks.h"

#include <cstddef>
#include <cstdint>
#include <string>

#include "runtimes/model/execution.h"
#include "runtimes/model/platform/arena.h"
#include "runtimes/model/platform/module_state.h"

namespace racelab::model {
namespace {

// Marks every block that the words of a range point to (or into).
void Mark(uintptr_t begin, uintptr_t end, uint32_t mark);

void MarkBlock(uintptr_t pointer, uint32_t mark) {
  if (!Arena::Contains(pointer)) return;
  Arena::Block* block = heap_arena.Find(pointer);
  if (block == nullptr) block = heap_arena.Enclosing(pointer);
  if (block == nullptr || block->mark == mark ||
      block->state == Arena::BlockState::kFreed) {
    return;
  }
  block->mark = mark;
  Mark(block->address(), block->address() + block->size, mark);
}

void Mark(uintptr_t begin, uintptr_t end, uint32_t mark) {
  for (uintptr_t at = (begin + 7) & ~uintptr_t{7}; at + 8 <= end; at += 8) {
    MarkBlock(*reinterpret_cast<uintptr_t*>(at), mark);
  }
}

}  // namespace

bool FindLeaks() {
  if (heap_arena.live() == 0) return false;
  Execution& e = execution;
  constexpr uint32_t kReachable = 1;
  for (const Range& range : module_state.writable()) {
    Mark(range.begin, range.end, kReachable);
  }
  heap_arena.ForEachKept([&](Arena::Block& block) {
    if (block.state == Arena::BlockState::kKept) {
      Mark(block.address(), block.address() + block.size, kReachable);
    }
  });
  Arena::Block* leaked = nullptr;
  size_t bytes = 0;
  int blocks = 0;
  heap_arena.ForEach([&](Arena::Block& block) {
    if (block.state != Arena::BlockState::kLive || block.mark == kReachable) {
      return;
    }
    if (leaked == nullptr) leaked = &block;
    bytes += block.size;
    ++blocks;
  });
  if (leaked == nullptr) return false;
  Failure failure;
  failure.kind = verdict::FailureKind::kLeak;
  failure.message = std::to_string(blocks) +
                    (blocks == 1 ? " heap block, " : " heap blocks, ") +
                    std::to_string(bytes) + (bytes == 1 ? " byte" : " bytes") +
                    ", never freed and no longer reachable.";
  failure.thread = leaked->allocated_by;
  failure.pc = leaked->allocated_pc;
  failure.object = leaked->address();
  failure.object_size = leaked->size;
  e.result.failure = failure;
  e.result.end = ExecutionEnd::kFailed;
  e.current = failure.thread;
  if (Event* event =
          LogEvent(EventKind::kFailure, failure.object,
                   static_cast<uint32_t>(failure.object_size), failure.pc)) {
    event->detail = failure.message;
  }
  return true;
}

}  // namespace racelab::model
