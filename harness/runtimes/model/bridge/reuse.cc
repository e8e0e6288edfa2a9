#include "runtimes/model/bridge/reuse.h"

#include "runtimes/model/limits.h"

namespace racelab::model {
namespace {

// Blocks that one allocation chooses from.
constexpr unsigned kMaxCandidates = 4;

using Held = ThreadState::Held;

// Low bits may be marks.
uintptr_t AddressIn(Value value) {
  for (const uint64_t word : {value.lo, value.hi}) {
    if (Arena::Contains(word)) return word & ~uint64_t{15};
  }
  return 0;
}

bool CanHold(const Arena::Block& block, size_t size, size_t alignment) {
  // The next block's place depends on this.
  return block.size / Arena::kAlignment == size / Arena::kAlignment &&
         block.address() % alignment == 0;
}

bool FreedBefore(const Arena::Block& block) {
  const ThreadId by = block.freed_by;
  const Execution& e = execution;
  return by >= 0 && (by == e.current ||
                     block.freed_time <= e.clocks[e.current].current[by]);
}

}  // namespace

void NoteAddress(uintptr_t object, Value value, bool done) {
  ThreadState& self = execution.self();
  const uintptr_t address = done ? 0 : AddressIn(value);
  for (uint32_t i = 0; i < self.held_count; ++i) {
    Held& held = self.held[i];
    if (held.object != object) continue;
    if (address != 0) {
      held.address = address;
    } else {
      held = self.held[--self.held_count];
    }
    return;
  }
  if (address == 0) return;
  if (self.held_count == ThreadState::kMaxHeld) {
    // The oldest has been forgotten by the program, most likely.
    for (uint32_t i = 1; i < self.held_count; ++i) {
      self.held[i - 1] = self.held[i];
    }
    --self.held_count;
  }
  self.held[self.held_count++] = {object, address};
}

Arena::Block* ChooseFreedBlock(size_t size, size_t alignment) {
  Execution& e = execution;
  if (!module_compares_addresses || e.created == 1) return nullptr;
  Arena::Block* candidates[kMaxCandidates];
  unsigned count = 0;
  for (ThreadId t = 0; t < e.created; ++t) {
    const ThreadState& thread = e.threads[t];
    if (t == e.current || thread.finished) continue;
    for (uint32_t i = 0; i < thread.held_count; ++i) {
      Arena::Block* block = heap_arena.Find(thread.held[i].address);
      if (block == nullptr || block->state != Arena::BlockState::kFreed ||
          !CanHold(*block, size, alignment) || !FreedBefore(*block)) {
        continue;
      }
      bool known = false;
      for (unsigned c = 0; c < count; ++c) known |= candidates[c] == block;
      if (!known && count < kMaxCandidates) candidates[count++] = block;
    }
  }
  if (count == 0) return nullptr;
  if (e.reuses == kReuses) {
    Withhold(Limit::kReuse);
    return nullptr;
  }
  const unsigned chosen = Choose(DecisionKind::kReuse, 1 + count, PendingOp());
  if (chosen == 0) return nullptr;
  ++e.reuses;
  return candidates[chosen - 1];
}

}  // namespace racelab::model
