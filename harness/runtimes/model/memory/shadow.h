// Finds data races between plain accesses, and between plain and atomic ones,
// and accesses to freed memory.
//
// FastTrack (Flanagan, Freund, PLDI 2009): of the plain writes to a byte only
// the last matters while no race was found, so an epoch (thread, timestamp) is
// enough; reads need one epoch until two of them are concurrent, and a vector
// only from then on. Bytes that are always accessed together share a state;
// states are split when an access covers a part of them, so that two neighbours
// in one word never race, and nothing is ever forgotten within an execution.
//
// Timestamps are those of the threads' vector clocks (ThreadClocks), which this
// class only reads. A plain access between the events c and c+1 of its thread
// has the timestamp c+1: whatever is published after it (every publication is
// an event) covers it, and nothing published before does.
//
// States live in pages, one per 4 KiB of memory that the program touched, kept
// for the life of the object; generation numbers make old contents invalid, so
// that a new execution, or a fresh stack, clears nothing.
//
// Thread safety: none.

#ifndef RACELAB_RUNTIMES_MODEL_MEMORY_SHADOW_H_
#define RACELAB_RUNTIMES_MODEL_MEMORY_SHADOW_H_

#include <cstddef>
#include <cstdint>

#include "runtimes/model/memory/pool.h"
#include "runtimes/model/memory_model.h"
#include "runtimes/model/op.h"

namespace racelab::model {

// What an access conflicts with.
struct RaceInfo {
  enum class Kind : uint8_t {
    kRace,          // the earlier access is unordered with this one
    kUseAfterFree,  // the earlier "access" is the free()
  };
  Kind kind = Kind::kRace;
  ThreadId thread = -1;  // of the earlier access, as is everything below
  uintptr_t pc = 0;
  uint64_t step = 0;
  bool is_write = false;
  bool is_atomic = false;
  bool is_free = false;   // it was a free(); with kRace: this access came first
                          // in no order at all
  uintptr_t address = 0;  // first byte that both accesses touch
  size_t size = 0;
};

class Shadow {
 public:
  Shadow();
  ~Shadow();
  Shadow(const Shadow&) = delete;
  Shadow& operator=(const Shadow&) = delete;

  // Forgets everything. `clocks` has `threads` entries and outlives the
  // execution.
  void BeginExecution(int threads, const ThreadClocks* clocks);

  // A plain access. True: it conflicts, `*info` says with what; the state is
  // then as if the access had not happened. `size` may be any, also 0.
  bool Read(ThreadId thread, uintptr_t address, size_t size, uintptr_t pc,
            uint64_t step, RaceInfo* info) {
    return !TryRead(thread, address, size, pc, step) &&
           Slow(thread, address, size, pc, step, kRead, info);
  }
  bool Write(ThreadId thread, uintptr_t address, size_t size, uintptr_t pc,
             uint64_t step, RaceInfo* info) {
    return !TryWrite(thread, address, size, pc, step) &&
           Slow(thread, address, size, pc, step, kWrite, info);
  }

  // The usual case of Read and Write, without a conflict. False: nothing was
  // done, call the other one.
  [[gnu::always_inline]] bool TryRead(ThreadId thread, uintptr_t address, size_t size, uintptr_t pc,
               uint64_t step) {
    const uint32_t mask = MaskInWord(address, size);
    if (mask != 0) [[likely]] {
      Page* page = PageInUse(address);
      if (page != nullptr) [[likely]] {
        const Timestamp* clock = clocks_[thread].current;
        const uint32_t now = static_cast<uint32_t>(clock[thread]) + 1;
        Cell& cell = CellIn(*page, address);
        State& state = cell.state;
        if (cell.generation != page->generation) {
          if (page->freed.time == 0) [[likely]] {
            Begin(cell, *page, mask);
            state.read = Access(thread, now, pc, step, 0);
            return true;
          }
        } else if (cell.fast_mask == mask) [[likely]] {
          if (state.read.time == now && state.read.thread() == thread) {
            return true;
          }
          if (state.extra == 0 && Before(state.write, thread, clock) &&
              Before(state.read, thread, clock)) [[likely]] {
            state.read = Access(thread, now, pc, step, 0);
            return true;
          }
        }
      }
    }
    return false;
  }

  [[gnu::always_inline]] bool TryWrite(ThreadId thread, uintptr_t address, size_t size, uintptr_t pc,
                uint64_t step) {
    const uint32_t mask = MaskInWord(address, size);
    if (mask != 0) [[likely]] {
      Page* page = PageInUse(address);
      if (page != nullptr) [[likely]] {
        const Timestamp* clock = clocks_[thread].current;
        const uint32_t now = static_cast<uint32_t>(clock[thread]) + 1;
        Cell& cell = CellIn(*page, address);
        State& state = cell.state;
        if (cell.generation != page->generation) {
          if (page->freed.time == 0) [[likely]] {
            Begin(cell, *page, mask);
            state.write = Access(thread, now, pc, step, kWriteFlag);
            return true;
          }
        } else if (cell.fast_mask == mask) [[likely]] {
          if (state.extra == 0 && Before(state.write, thread, clock) &&
              Before(state.read, thread, clock)) [[likely]] {
            state.write = Access(thread, now, pc, step, kWriteFlag);
            return true;
          }
        }
      }
    }
    return false;
  }

  // An atomic access. To be called right after the MemoryModel carried it out,
  // so that the thread's clock has the access as its newest event and knows
  // what the access acquired. An RMW that stored is a write.
  bool AtomicRead(ThreadId thread, uintptr_t address, size_t size, uintptr_t pc, uint64_t step,
                  RaceInfo* info) {
    return Atomic(thread, address, size, pc, step, kAtomicRead, info);
  }
  bool AtomicWrite(ThreadId thread, uintptr_t address, size_t size, uintptr_t pc, uint64_t step,
                   RaceInfo* info) {
    return Atomic(thread, address, size, pc, step, kAtomicWrite, info);
  }

  // The range is free()d. True: an earlier access is unordered with the free,
  // or the range was freed before (kUseAfterFree). From here on accesses to it
  // are kUseAfterFree.
  bool MarkFreed(ThreadId thread, uintptr_t address, size_t size, uintptr_t pc, uint64_t step,
                 RaceInfo* info);
  // Whether the byte belongs to freed memory: `*info` says who freed it.
  bool IsFreed(uintptr_t address, RaceInfo* info);
  // The range came from malloc(): fresh memory.
  void MarkAllocated(uintptr_t address, size_t size) { Reset(address, size); }
  // Fresh memory in general: a stack for a new thread, a mapping.
  void Reset(uintptr_t address, size_t size);

  // Pages in use so far; grows with the memory that programs touch, not with
  // the number of executions.
  size_t pages() const { return cells_.size(); }

 private:
  enum Kind : uint8_t { kRead, kWrite, kAtomicRead, kAtomicWrite, kFree };
  enum Flags : uint8_t { kWriteFlag = 1, kAtomicFlag = 2, kFreeFlag = 4 };

  // 16 bytes. time 0: none.
  struct Access {
    uint64_t pc_thread_flags = 0;  // pc (48 bits), thread (8), flags (8)
    uint32_t time = 0;
    uint32_t step = 0;

    Access() = default;
    Access(ThreadId thread, uint32_t when, uintptr_t pc, uint64_t at_step, uint8_t flags)
        : pc_thread_flags((static_cast<uint64_t>(pc) << 16) | (static_cast<uint64_t>(thread) << 8) |
                          flags),
          time(when),
          step(static_cast<uint32_t>(at_step)) {}
    ThreadId thread() const { return static_cast<ThreadId>((pc_thread_flags >> 8) & 0xff); }
    uintptr_t pc() const { return pc_thread_flags >> 16; }
    uint8_t flags() const { return static_cast<uint8_t>(pc_thread_flags); }
  };

  // Of some bytes of a word. `extra`: 0, or 1 + the index of an Extra.
  struct State {
    Access write;  // last plain write (or free)
    Access read;   // last plain read, while reads are ordered
    uint32_t extra = 0;
    uint32_t next = 0;  // 0, or 1 + the index of a Part: other bytes of the word
    uint8_t mask = 0;   // bytes of the word
  };

  // One for each 8 bytes of memory. `state` and those after it are of disjoint
  // bytes; bytes of none were not touched. `fast_mask`: the state's mask, or 0 if
  // it is freed memory.
  struct alignas(64) Cell {
    uint64_t generation = 0;
    State state;
    uint8_t fast_mask = 0;
  };
  static_assert(sizeof(Cell) == 64);

  static constexpr size_t kPageBits = 12;
  static constexpr size_t kCells = size_t{1} << (kPageBits - 3);
  // Apart from its cells: at the start of each area of cells, all of them would
  // compete for one line of the processor's cache.
  struct alignas(64) Page {
    uint64_t execution = 0;
    uint64_t generation = 0;  // cells of another generation are fresh
    Access freed;             // or, if time != 0, were freed by this
    Cell* cells = nullptr;
  };
  static constexpr size_t kPagesPerBlock = 64;

  // Page tables: 47 bits of address, 12 within the page, 17 and 18 of table.
  static constexpr size_t kLeafBits = 17;
  static constexpr size_t kRootBits = 18;
  using Leaf = Page * [size_t{1} << kLeafBits];

  // Concurrent plain reads, atomic stores, atomic loads: `threads_` entries of
  // `entries_` each.
  struct Extra {
    uint32_t reads = kNone;
    uint32_t atomic_writes = kNone;
    uint32_t atomic_reads = kNone;
    static constexpr uint32_t kNone = ~uint32_t{0};
  };

  // The bytes of the access within its 8-byte word; 0 if it is not within one.
  static uint32_t MaskInWord(uintptr_t address, size_t size) {
    const size_t offset = address & 7;
    if (size - 1 >= 8 - offset) return 0;  // also size 0
    return ((1u << size) - 1) << offset;
  }
  static bool Before(const Access& access, ThreadId thread, const Timestamp* clock) {
    const ThreadId other = access.thread();
    return access.time <= clock[other] || other == thread;
  }

  // Accesses go to and fro between stacks, heap and globals: a page each.
  static constexpr size_t kCachedPages = 64;
  struct CachedPage {
    size_t number = ~size_t{0};
    Page* page = nullptr;
  };
  // Stacks lie at the ends of areas of a MiB, which differ above bit 8.
  CachedPage& CacheFor(size_t number) const {
    return cache_[(number ^ (number >> 8)) & (kCachedPages - 1)];
  }

  // The page, also if it has nothing of this execution; null if there is none.
  Page* FindPage(uintptr_t address) const {
    const size_t number = address >> kPageBits;
    CachedPage& cached = CacheFor(number);
    if (cached.number == number) return cached.page;
    const size_t root = number >> kLeafBits;
    if (root >= (size_t{1} << kRootBits)) return nullptr;
    const Leaf* leaf = root_[root];
    if (leaf == nullptr) return nullptr;
    Page* page = (*leaf)[number & ((size_t{1} << kLeafBits) - 1)];
    if (page != nullptr) cached = {number, page};
    return page;
  }
  // The page, made or renewed if need be; null for addresses that no memory has.
  Page* PageInUse(uintptr_t address) {
    const size_t number = address >> kPageBits;
    const CachedPage& cached = CacheFor(number);
    if (cached.number == number && cached.page->execution == execution_)
        [[likely]] {
      return cached.page;
    }
    return MakePage(address);
  }
  static Cell& CellIn(Page& page, uintptr_t address) {
    return page.cells[(address >> 3) & (kCells - 1)];
  }
  // A cell that this execution touches for the first time, with the bytes of
  // `mask`.
  static void Begin(Cell& cell, const Page& page, uint32_t mask) {
    cell.generation = page.generation;
    cell.state.write = Access();
    cell.state.read = Access();
    cell.state.extra = 0;
    cell.state.next = 0;
    cell.state.mask = static_cast<uint8_t>(mask);
    cell.fast_mask = static_cast<uint8_t>(mask);
  }

  bool Atomic(ThreadId thread, uintptr_t address, size_t size, uintptr_t pc, uint64_t step,
              Kind kind, RaceInfo* info);
  bool FreeWord(ThreadId thread, uintptr_t word, const Access& access);
  bool Slow(ThreadId thread, uintptr_t address, size_t size, uintptr_t pc, uint64_t step, Kind kind,
            RaceInfo* info);
  bool Word(ThreadId thread, uintptr_t word, uint32_t mask, uintptr_t pc, uint64_t step, Kind kind,
            RaceInfo* info);
  bool Check(const State& state, ThreadId thread, uint32_t mask, Kind kind, uintptr_t word,
             RaceInfo* info) const;
  bool CheckEntries(uint32_t entries, ThreadId thread, uint32_t mask, uintptr_t word,
                    RaceInfo* info) const;
  void Record(State& state, const Access& access, Kind kind);
  void Split(Cell& cell, uint32_t index, uint32_t mask);
  template <typename Function>
  void ForStates(Cell& cell, uint32_t mask, Function function);
  Page* MakePage(uintptr_t address);
  Cell& MakeCell(uintptr_t address);
  void ResetWord(uintptr_t word, uint32_t mask);
  uint32_t NewEntries();
  Extra& ExtraOf(State& state);
  static bool Report(const Access& earlier, uintptr_t word, uint32_t mask, RaceInfo* info);

  int threads_ = 0;
  const ThreadClocks* clocks_ = nullptr;
  uint64_t execution_ = 0;
  uint64_t generation_ = 0;  // the last one given out

  Leaf** root_ = nullptr;  // mapped, zero until used
  mutable CachedPage cache_[kCachedPages];
  Pool<Leaf*> leaves_;
  Pool<Cell*> cells_;         // of all pages
  Pool<Page*> page_blocks_;   // kPagesPerBlock each, the last one in part

  // Pools of this execution; their capacity stays.
  Pool<State> parts_;
  Pool<Extra> extras_;
  Pool<Access> entries_;
};

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_MEMORY_SHADOW_H_
