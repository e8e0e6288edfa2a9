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
// Most bytes are accessed by one thread for long: a state knows whose its last
// plain access was. What is recorded then is by that thread or happens before
// what it does now, so that its next access needs no comparison.
//
// States live in pages, one per 4 KiB of memory that the program touched, kept
// for the life of the object; the number of the execution makes old contents
// invalid, so that a new one clears nothing.
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
    if (thread != thread_) SetThread(thread);
    return !TryRead(address, size, pc, step) &&
           OtherRead(address, size, pc, step, info);
  }
  bool Write(ThreadId thread, uintptr_t address, size_t size, uintptr_t pc,
             uint64_t step, RaceInfo* info) {
    if (thread != thread_) SetThread(thread);
    return !TryWrite(address, size, pc, step) &&
           OtherWrite(address, size, pc, step, info);
  }

  // Who makes the accesses from here on; Read and its kin see to it themselves.
  void SetThread(ThreadId thread) {
    thread_ = thread;
    thread_tag_ = execution_tag_ | static_cast<uint64_t>(thread) << 8;
    own_time_ = &clocks_[thread].current[thread];
  }

  // The two halves of Read and Write, for SetThread's thread. The usual case,
  // without a conflict: the first access to these bytes, or another one by the
  // thread that had the last. False: nothing was done, call the other half.
  // Never true for memory of which the other half has not seen a byte of the
  // page.
  [[gnu::always_inline]] bool TryRead(uintptr_t address, size_t size,
                                      uintptr_t pc, uint64_t step) {
    return Try<kRead>(address, size, pc, step);
  }
  [[gnu::always_inline]] bool TryWrite(uintptr_t address, size_t size,
                                       uintptr_t pc, uint64_t step) {
    return Try<kWrite>(address, size, pc, step);
  }
  bool OtherRead(uintptr_t address, size_t size, uintptr_t pc, uint64_t step,
                 RaceInfo* info) {
    return Other(thread_, address, size, pc, step, kRead, info);
  }
  bool OtherWrite(uintptr_t address, size_t size, uintptr_t pc, uint64_t step,
                  RaceInfo* info) {
    return Other(thread_, address, size, pc, step, kWrite, info);
  }

  // An atomic access. To be called right after the MemoryModel carried it out,
  // so that the thread's clock has the access as its newest event and knows
  // what the access acquired. An RMW that stored is a write.
  bool AtomicRead(ThreadId thread, uintptr_t address, size_t size, uintptr_t pc,
                  uint64_t step, RaceInfo* info) {
    return Atomic(thread, address, size, pc, step, kAtomicRead, info);
  }
  bool AtomicWrite(ThreadId thread, uintptr_t address, size_t size,
                   uintptr_t pc, uint64_t step, RaceInfo* info) {
    return Atomic(thread, address, size, pc, step, kAtomicWrite, info);
  }

  // The range is free()d. True: an earlier access is unordered with the free,
  // or the range was freed before (kUseAfterFree). From here on accesses to it
  // are kUseAfterFree.
  bool MarkFreed(ThreadId thread, uintptr_t address, size_t size, uintptr_t pc,
                 uint64_t step, RaceInfo* info);
  // From here on the atomic stores of `thread` there conflict with nothing.
  void ForgetAtomicStores(ThreadId thread, uintptr_t address);
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
    Access(ThreadId thread, uint32_t when, uintptr_t pc, uint64_t at_step,
           uint8_t flags)
        : pc_thread_flags((static_cast<uint64_t>(pc) << 16) |
                          (static_cast<uint64_t>(thread) << 8) | flags),
          time(when),
          step(static_cast<uint32_t>(at_step)) {}
    ThreadId thread() const {
      return static_cast<ThreadId>((pc_thread_flags >> 8) & 0xff);
    }
    uintptr_t pc() const { return pc_thread_flags >> 16; }
    uint8_t flags() const { return static_cast<uint8_t>(pc_thread_flags); }
  };

  // Of some bytes of a word. `tag` says in one word:
  //   bits 16 …  the execution; an older one's contents do not count
  //   bits 8-15  the owner: all accesses that are recorded are by this thread,
  //              or happen before what it does now; kNobody if that is not
  //              known, or there is an `extra`
  //   bits 0-7   the bytes; 0 if they are freed memory
  struct State {
    uint64_t tag = 0;
    Access write;        // last plain write (or free)
    Access read;         // last plain read, while reads are ordered
    uint32_t extra = 0;  // 0, or 1 + the index of an Extra
    uint32_t next = 0;   // 0, or 1 + the index of a part: other bytes
    uint8_t mask = 0;    // the bytes
  };

  // One for each 8 bytes of memory: the head of the states of disjoint bytes
  // (bytes of none were not touched). Those behind it are parts_.
  struct alignas(64) Cell : State {};
  static_assert(sizeof(Cell) == 64);
  static constexpr uint64_t kNobody = 0x80;
  static constexpr uint32_t kMaskBits = 0xff;

  static constexpr size_t kPageBits = 12;
  static constexpr size_t kCells = size_t{1} << (kPageBits - 3);
  // Apart from its cells: at the start of each area of cells, all of them would
  // compete for one line of the processor's cache.
  struct alignas(64) Page {
    uint64_t touched_in =
        0;  // the last execution that touched one of the cells
    // Cells that the execution `freed_in` has not touched were freed by
    // `freed`.
    uint64_t freed_in = 0;
    Access freed;
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
  static bool Before(const Access& access, ThreadId thread,
                     const Timestamp* clock) {
    const ThreadId other = access.thread();
    return access.time <= clock[other] || other == thread;
  }

  // Accesses go to and fro between stacks, heap and globals: a page each.
  static constexpr size_t kCachedPages = 64;
  struct CachedPage {
    size_t number = ~size_t{0};
    Page* page = nullptr;
    Cell* cells = nullptr;  // the page's
    uint64_t unused = 0;
  };
  // Stacks lie at the ends of areas of a MiB, which differ above bit 8.
  CachedPage& CacheFor(size_t number) const {
    return cache_[(number ^ (number >> 8)) & (kCachedPages - 1)];
  }

  // The page; null if there is none.
  Page* FindPage(uintptr_t address) const {
    const size_t number = address >> kPageBits;
    CachedPage& cached = CacheFor(number);
    if (cached.number == number) return cached.page;
    const size_t root = number >> kLeafBits;
    if (root >= (size_t{1} << kRootBits)) return nullptr;
    const Leaf* leaf = root_[root];
    if (leaf == nullptr) return nullptr;
    Page* page = (*leaf)[number & ((size_t{1} << kLeafBits) - 1)];
    if (page != nullptr) cached = {number, page, page->cells};
    return page;
  }
  static Cell& CellIn(Page& page, uintptr_t address) {
    return page.cells[(address >> 3) & (kCells - 1)];
  }
  bool Untouched(const State& state) const {
    return state.tag < execution_tag_;
  }
  bool FreedAsAWhole(const Page& page) const {
    return page.freed_in == execution_;
  }
  uint64_t Tag(uint64_t owner, uint32_t mask) const {
    return execution_tag_ | owner << 8 | mask;
  }
  static uint64_t OwnerIn(uint64_t tag) { return tag >> 8 & 0xff; }
  // The next access at this time, by the thread whose clock it is.
  static uint32_t Now(ThreadId thread, const Timestamp* clock) {
    return static_cast<uint32_t>(clock[thread]) + 1;
  }

  // Bytes that this execution touches for the first time.
  [[gnu::always_inline]] static void Begin(State& state, uint64_t tag) {
    state.tag = tag;
    state.write = Access();
    state.read = Access();
    state.extra = 0;
    state.next = 0;
    state.mask = static_cast<uint8_t>(tag);
  }
  void SetTag(State& state, uint64_t owner) const {
    const bool freed = (state.write.flags() & kFreeFlag) != 0;
    state.tag = Tag(freed || state.extra != 0 ? kNobody : owner,
                    freed ? 0 : state.mask);
  }

  template <Kind kind>
  [[gnu::always_inline]] bool Try(uintptr_t address, size_t size, uintptr_t pc,
                                  uint64_t step) {
    const uint32_t mask = MaskInWord(address, size);
    if (mask == 0) [[unlikely]] {
      return false;
    }
    const size_t number = address >> kPageBits;
    const CachedPage& cached = CacheFor(number);
    if (cached.number != number) [[unlikely]] {
      return false;
    }
    Cell& cell = cached.cells[(address >> 3) & (kCells - 1)];
    const uint64_t tag = thread_tag_ | mask;
    if (cell.tag != tag) {
      if (!Untouched(cell) || FreedAsAWhole(*cached.page)) [[unlikely]] {
        return false;
      }
      cached.page->touched_in = execution_;
      Begin(cell, tag);
    }
    Access& access = kind == kWrite ? cell.write : cell.read;
    access.pc_thread_flags = static_cast<uint64_t>(pc) << 16 |
                             static_cast<uint64_t>(thread_) << 8 |
                             (kind == kWrite ? kWriteFlag : 0);
    access.time = static_cast<uint32_t>(*own_time_) + 1;
    access.step = static_cast<uint32_t>(step);
    return true;
  }

  State* FindState(uintptr_t address, uint32_t mask, uint64_t owner);
  bool Atomic(ThreadId thread, uintptr_t address, size_t size, uintptr_t pc,
              uint64_t step, Kind kind, RaceInfo* info);
  uintptr_t FreeWords(Page& page, uintptr_t word, uintptr_t end,
                      const Access& access);
  bool Other(ThreadId thread, uintptr_t address, size_t size, uintptr_t pc,
             uint64_t step, Kind kind, RaceInfo* info);
  bool Slow(ThreadId thread, uintptr_t address, size_t size, uintptr_t pc,
            uint64_t step, Kind kind, RaceInfo* info);
  bool Word(ThreadId thread, uintptr_t word, uint32_t mask, uintptr_t pc,
            uint64_t step, Kind kind, RaceInfo* info);
  bool Check(const State& state, ThreadId thread, uint32_t mask, Kind kind,
             uintptr_t word, RaceInfo* info) const;
  bool CheckEntries(uint32_t entries, ThreadId thread, uint32_t mask,
                    uintptr_t word, RaceInfo* info) const;
  void Record(State& state, const Access& access, Kind kind);
  void Split(Cell& cell, uint32_t index, uint32_t mask);
  template <typename Function>
  void ForStates(Cell& cell, uint32_t mask, Function function);
  Page* MakePage(uintptr_t address);
  Cell& MakeCell(uintptr_t address);
  void ResetWord(uintptr_t word, uint32_t mask);
  uint32_t NewEntries();
  Extra& ExtraOf(State& state);
  static bool Report(const Access& earlier, uintptr_t word, uint32_t mask,
                     RaceInfo* info);

  int threads_ = 0;
  const ThreadClocks* clocks_ = nullptr;
  uint64_t execution_ = 0;
  uint64_t execution_tag_ = 0;           // in its place within a Cell's tag
  ThreadId thread_ = 0;                  // SetThread's
  uint64_t thread_tag_ = 0;              // execution and thread in their places
  const Timestamp* own_time_ = nullptr;  // the thread's entry in its own clock

  Leaf** root_ = nullptr;  // mapped, zero until used
  mutable CachedPage cache_[kCachedPages];
  Pool<Leaf*> leaves_;
  Pool<Cell*> cells_;        // of all pages
  Pool<Page*> page_blocks_;  // kPagesPerBlock each, the last one in part

  // Pools of this execution; their capacity stays.
  Pool<State> parts_;
  Pool<Extra> extras_;
  Pool<Access> entries_;
};

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_MEMORY_SHADOW_H_
