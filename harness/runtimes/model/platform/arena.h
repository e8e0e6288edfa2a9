// The heap of the program under test.
//
// A bump allocator at a fixed address. What the module allocated while it was
// loaded (globals' constructors) lies at its bottom and is part of the saved
// state; everything above is forgotten when an execution begins, at the cost of
// two assignments. Blocks are not reused within an execution, so that a use
// after free is seen however late it comes; unless that is asked for (Reuse).
//
// Memory is filled with kFreshByte when allocated: reading it uninitialized
// gives the same in every execution.
//
// Thread safety: none.

#ifndef RACELAB_RUNTIMES_MODEL_PLATFORM_ARENA_H_
#define RACELAB_RUNTIMES_MODEL_PLATFORM_ARENA_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "runtimes/model/op.h"

namespace racelab::model {

class Arena {
 public:
  static constexpr uintptr_t kBase = 0x600000000000;
  static constexpr size_t kCapacity = size_t{4} << 30;
  static constexpr int kFreshByte = 0xbe;

  enum class BlockState : uint32_t {
    kLive = 0x4c697665,
    kFreed = 0x46726565,
    kKept = 0x4b657074,  // allocated while loading, or by a library for itself
  };

  // Stands before each block.
  struct Block {
    size_t size;
    uintptr_t allocated_pc;
    uint64_t serial;      // counts the execution's allocations
    uint32_t freed_time;  // the freeing thread's clock, the free included
    BlockState state;
    uintptr_t freed_pc;
    int16_t allocated_by;
    int16_t freed_by;
    uint32_t mark;  // of the leak scan

    uintptr_t address() const {
      return reinterpret_cast<uintptr_t>(this) + sizeof(Block);
    }
  };
  static_assert(sizeof(Block) % 16 == 0);

  static bool Contains(uintptr_t address) {
    return address - kBase < kCapacity;
  }

  // False: the address range is taken.
  bool Map();

  // Null when the arena is full.
  void* Allocate(size_t size, size_t alignment, uintptr_t pc, ThreadId thread);

  // Gives a freed block out again. `size` asks for as many units of kAlignment
  // as the block has.
  void* Reuse(Block& block, size_t size, uintptr_t pc, ThreadId thread);

  // The block that starts at `address`, or null if none does.
  Block* Find(uintptr_t address);
  // The block that `address` lies in, freed ones included, or null. Walks.
  Block* Enclosing(uintptr_t address);

  // Every block above the saved bottom, in order of allocation.
  template <typename Function>
  void ForEach(Function function) {
    uintptr_t chunk = bottom_;
    while (chunk < top_) {
      Block* block = FirstOf(chunk);
      function(*block);
      chunk = End(*block);
    }
  }
  template <typename Function>
  void ForEachKept(Function function) {
    uintptr_t chunk = kBase;
    while (chunk < bottom_) {
      Block* block = FirstOf(chunk);
      function(*block);
      chunk = End(*block);
    }
  }

  // Everything allocated so far is kept for all executions.
  void Save();
  // Back to what Save saw.
  void Restore();

  uintptr_t bottom() const { return bottom_; }
  uintptr_t top() const { return top_; }
  size_t live() const { return live_; }
  // Held by the blocks that Restore will take back and that are not freed.
  size_t live_bytes() const { return live_bytes_; }
  void OnFreed(size_t bytes) {
    --live_;
    live_bytes_ -= bytes;
  }
  // How much a program may hold at once: what the model can search has a small
  // state.
  static constexpr size_t kProgramLimit = size_t{16} << 20;
  // Every block is filled when allocated, up to this many bytes.
  static constexpr size_t kFillLimit = size_t{1} << 20;
  static constexpr size_t kAlignment = 16;

 private:
  void* Begin(Block& block, size_t size, uintptr_t pc, ThreadId thread);
  Block* FirstOf(uintptr_t chunk) const;
  static uintptr_t End(const Block& block) {
    // One byte more than asked for: two blocks never touch.
    return (block.address() + block.size + kAlignment) & ~(kAlignment - 1);
  }

  uintptr_t bottom_ = kBase;
  uintptr_t top_ = kBase;
  uint64_t serial_ = 0;
  size_t live_ = 0;
  size_t live_bytes_ = 0;
  size_t saved_live_ = 0;
  std::vector<char> saved_;
};

// The one arena of the process.
extern Arena heap_arena;

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_PLATFORM_ARENA_H_
