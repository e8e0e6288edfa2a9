#include "runtimes/model/platform/arena.h"

#include <sys/mman.h>

#include <cstring>

namespace racelab::model {
namespace {

// An over-aligned block's chunk begins with this, so that a walk finds its
// header.
struct Skip {
  uint64_t magic;
  uint64_t bytes;
};
constexpr uint64_t kSkipMagic = 0x536b6970536b6970;
static_assert(sizeof(Skip) == 16);

}  // namespace

Arena heap_arena;

bool Arena::Map() {
  void* area = mmap(
      reinterpret_cast<void*>(kBase), kCapacity, PROT_READ | PROT_WRITE,
      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
  return area == reinterpret_cast<void*>(kBase);
}

void* Arena::Allocate(size_t size, size_t alignment, uintptr_t pc,
                      ThreadId thread) {
  if (size > kCapacity / 2) return nullptr;
  uintptr_t header = top_;
  if (alignment > kAlignment) {
    const uintptr_t address =
        (top_ + sizeof(Block) + alignment - 1) & ~(alignment - 1);
    header = address - sizeof(Block);
    if (header != top_) {
      // The gap is a multiple of 16, hence room for a Skip.
      auto* skip = reinterpret_cast<Skip*>(top_);
      skip->magic = kSkipMagic;
      skip->bytes = header - top_;
    }
  }
  if (header + sizeof(Block) + size + kAlignment > kBase + kCapacity) {
    return nullptr;
  }
  auto* block = reinterpret_cast<Block*>(header);
  void* address = Begin(*block, size, pc, thread);
  top_ = End(*block);
  return address;
}

void* Arena::Reuse(Block& block, size_t size, uintptr_t pc, ThreadId thread) {
  return Begin(block, size, pc, thread);
}

void* Arena::Begin(Block& block, size_t size, uintptr_t pc, ThreadId thread) {
  block.size = size;
  block.allocated_pc = pc;
  block.serial = serial_++;
  block.freed_time = 0;
  block.state = BlockState::kLive;
  block.freed_pc = 0;
  block.allocated_by = static_cast<int16_t>(thread);
  block.freed_by = -1;
  block.mark = 0;
  ++live_;
  live_bytes_ += size;
  auto* address = reinterpret_cast<void*>(block.address());
  std::memset(address, kFreshByte, size < kFillLimit ? size : kFillLimit);
  return address;
}

Arena::Block* Arena::FirstOf(uintptr_t chunk) const {
  const auto* skip = reinterpret_cast<const Skip*>(chunk);
  if (skip->magic == kSkipMagic) chunk += skip->bytes;
  return reinterpret_cast<Block*>(chunk);
}

Arena::Block* Arena::Find(uintptr_t address) {
  if (!Contains(address) || address >= top_ || address % kAlignment != 0 ||
      address < kBase + sizeof(Block)) {
    return nullptr;
  }
  auto* block = reinterpret_cast<Block*>(address - sizeof(Block));
  if (block->state != BlockState::kLive && block->state != BlockState::kFreed &&
      block->state != BlockState::kKept) {
    return nullptr;
  }
  return block;
}

Arena::Block* Arena::Enclosing(uintptr_t address) {
  if (!Contains(address) || address >= top_) return nullptr;
  Block* found = nullptr;
  auto look = [&](Block& block) {
    if (address >= block.address() && address < End(block)) found = &block;
  };
  ForEachKept(look);
  ForEach(look);
  return found;
}

void Arena::Save() {
  const uintptr_t start = bottom_;
  uintptr_t chunk = start;
  while (chunk < top_) {
    Block* block = FirstOf(chunk);
    if (block->state == BlockState::kLive) block->state = BlockState::kKept;
    chunk = End(*block);
  }
  bottom_ = top_;
  saved_live_ = 0;
  live_ = 0;
  live_bytes_ = 0;
  const auto* base = reinterpret_cast<const char*>(kBase);
  saved_.assign(base, base + (bottom_ - kBase));
}

void Arena::Restore() {
  if (bottom_ != kBase) {
    std::memcpy(reinterpret_cast<void*>(kBase), saved_.data(), saved_.size());
  }
  top_ = bottom_;
  serial_ = 0;
  live_ = saved_live_;
  live_bytes_ = 0;
}

}  // namespace racelab::model
