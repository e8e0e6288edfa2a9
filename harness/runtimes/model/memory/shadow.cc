#include "runtimes/model/memory/shadow.h"

#include <algorithm>
#include <bit>

namespace racelab::model {
namespace {

constexpr uint32_t kWholeWord = 0xff;

}  // namespace

Shadow::Shadow() {
  root_ = static_cast<Leaf**>(MapMemory(sizeof(Leaf*) << kRootBits));
}

Shadow::~Shadow() {
  for (Cell* cells : cells_) UnmapMemory(cells, sizeof(Cell) * kCells);
  for (Page* block : page_blocks_) {
    UnmapMemory(block, sizeof(Page) * kPagesPerBlock);
  }
  for (Leaf* leaf : leaves_) UnmapMemory(leaf, sizeof(Leaf));
  UnmapMemory(root_, sizeof(Leaf*) << kRootBits);
}

void Shadow::BeginExecution(int threads, const ThreadClocks* clocks) {
  threads_ = threads;
  clocks_ = clocks;
  ++execution_;
  parts_.clear();
  extras_.clear();
  entries_.clear();
}

Shadow::Page* Shadow::MakePage(uintptr_t address) {
  Page* page = FindPage(address);
  if (page == nullptr) {
    const size_t number = address >> kPageBits;
    const size_t root = number >> kLeafBits;
    if (root >= (size_t{1} << kRootBits)) return nullptr;
    if (root_[root] == nullptr) {
      root_[root] = static_cast<Leaf*>(MapMemory(sizeof(Leaf)));
      leaves_.push_back(root_[root]);
    }
    if (cells_.size() % kPagesPerBlock == 0) {
      page_blocks_.push_back(
          static_cast<Page*>(MapMemory(sizeof(Page) * kPagesPerBlock)));
    }
    page = page_blocks_.back() + cells_.size() % kPagesPerBlock;
    page->cells = static_cast<Cell*>(MapMemory(sizeof(Cell) * kCells));
    cells_.push_back(page->cells);
    (*root_[root])[number & ((size_t{1} << kLeafBits) - 1)] = page;
  }
  if (page->execution != execution_) {
    page->execution = execution_;
    page->generation = ++generation_;
    page->freed = Access();
  }
  return page;
}

Shadow::Cell& Shadow::MakeCell(uintptr_t address) {
  static Cell nowhere;  // addresses that no user-space memory has
  Page* page = MakePage(address);
  if (page == nullptr) return nowhere = Cell();
  Cell& cell = page->cells[(address >> 3) & (kCells - 1)];
  if (cell.generation != page->generation) {
    cell.generation = page->generation;
    cell.state = State();
    if (page->freed.time != 0) {
      cell.state.write = page->freed;
      cell.state.mask = kWholeWord;
    }
    cell.fast_mask = 0;
  }
  return cell;
}

uint32_t Shadow::NewEntries() {
  const uint32_t index = static_cast<uint32_t>(entries_.size());
  entries_.Extend(threads_);
  std::fill_n(&entries_[index], threads_, Access());
  return index;
}

Shadow::Extra& Shadow::ExtraOf(State& state) {
  if (state.extra == 0) {
    extras_.push_back(Extra());
    state.extra = static_cast<uint32_t>(extras_.size());
  }
  return extras_[state.extra - 1];
}

bool Shadow::Report(const Access& earlier, uintptr_t word, uint32_t mask,
                    RaceInfo* info) {
  info->is_free = (earlier.flags() & kFreeFlag) != 0;
  info->is_write = (earlier.flags() & kWriteFlag) != 0;
  info->is_atomic = (earlier.flags() & kAtomicFlag) != 0;
  info->kind =
      info->is_free ? RaceInfo::Kind::kUseAfterFree : RaceInfo::Kind::kRace;
  info->thread = earlier.thread();
  info->pc = earlier.pc();
  info->step = earlier.step;
  info->address = word + std::countr_zero(mask);
  info->size = std::popcount(mask);
  return true;
}

bool Shadow::CheckEntries(uint32_t entries, ThreadId thread, uint32_t mask,
                          uintptr_t word, RaceInfo* info) const {
  if (entries == Extra::kNone) return false;
  const Timestamp* clock = clocks_[thread].current;
  for (ThreadId other = 0; other < threads_; ++other) {
    const Access& access = entries_[entries + other];
    if (other != thread && access.time > clock[other]) {
      return Report(access, word, mask, info);
    }
  }
  return false;
}

bool Shadow::Check(const State& state, ThreadId thread, uint32_t mask,
                   Kind kind, uintptr_t word, RaceInfo* info) const {
  const Timestamp* clock = clocks_[thread].current;
  const uint32_t common = state.mask & mask;
  if ((state.write.flags() & kFreeFlag) != 0 ||
      !Before(state.write, thread, clock)) {
    return Report(state.write, word, common, info);
  }
  const bool writes = kind != kRead && kind != kAtomicRead;
  if (writes && !Before(state.read, thread, clock)) {
    return Report(state.read, word, common, info);
  }
  if (state.extra == 0) return false;
  const Extra& extra = extras_[state.extra - 1];
  const bool plain = kind != kAtomicRead && kind != kAtomicWrite;
  return (writes && CheckEntries(extra.reads, thread, common, word, info)) ||
         (plain &&
          CheckEntries(extra.atomic_writes, thread, common, word, info)) ||
         (plain && writes &&
          CheckEntries(extra.atomic_reads, thread, common, word, info));
}

void Shadow::Record(State& state, const Access& access, Kind kind) {
  const ThreadId thread = access.thread();
  switch (kind) {
    case kWrite:
    case kFree:
      // Everything earlier happens before this write: whoever is ordered after
      // the write is ordered after all of it.
      state.write = access;
      state.read = Access();
      state.extra = 0;
      return;
    case kRead: {
      if (state.extra != 0) {
        const uint32_t reads = extras_[state.extra - 1].reads;
        if (reads != Extra::kNone) {
          entries_[reads + thread] = access;
          return;
        }
      }
      if (Before(state.read, thread, clocks_[thread].current)) {
        state.read = access;
        return;
      }
      const uint32_t reads = NewEntries();
      entries_[reads + state.read.thread()] = state.read;
      entries_[reads + thread] = access;
      state.read = Access();
      ExtraOf(state).reads = reads;
      return;
    }
    case kAtomicRead:
    case kAtomicWrite: {
      Extra* extra = &ExtraOf(state);
      uint32_t& entries =
          kind == kAtomicRead ? extra->atomic_reads : extra->atomic_writes;
      if (entries == Extra::kNone) entries = NewEntries();
      entries_[entries + thread] = access;
      return;
    }
  }
}

// Cuts `state`, the head or parts_[index - 1], in two: those bytes in `mask`,
// and the others in a new state behind the head.
void Shadow::Split(Cell& cell, uint32_t index, uint32_t mask) {
  State& state = index == 0 ? cell.state : parts_[index - 1];
  State other = state;
  other.mask = static_cast<uint8_t>(state.mask & ~mask);
  state.mask = static_cast<uint8_t>(state.mask & mask);
  if (other.extra != 0) {
    Extra copy = extras_[other.extra - 1];
    for (uint32_t* entries :
         {&copy.reads, &copy.atomic_writes, &copy.atomic_reads}) {
      if (*entries == Extra::kNone) continue;
      const uint32_t fresh = NewEntries();
      std::copy_n(&entries_[*entries], threads_, &entries_[fresh]);
      *entries = fresh;
    }
    extras_.push_back(copy);
    other.extra = static_cast<uint32_t>(extras_.size());
  }
  other.next = cell.state.next;
  parts_.push_back(other);
  cell.state.next = static_cast<uint32_t>(parts_.size());
}

// Calls `function` for states that together are the touched bytes of `mask`.
template <typename Function>
void Shadow::ForStates(Cell& cell, uint32_t mask, Function function) {
  uint32_t index = 0;
  do {
    // What a split cuts off has no byte of the mask: no matter whether the
    // walk meets it.
    const State& found = index == 0 ? cell.state : parts_[index - 1];
    if ((found.mask & mask) != 0) {
      if ((found.mask & ~mask) != 0) Split(cell, index, mask);
      function(index == 0 ? cell.state : parts_[index - 1]);
    }
    index = index == 0 ? cell.state.next : parts_[index - 1].next;
  } while (index != 0);
}

bool Shadow::Word(ThreadId thread, uintptr_t word, uint32_t mask, uintptr_t pc,
                  uint64_t step, Kind kind, RaceInfo* info) {
  Cell& cell = MakeCell(word);
  uint32_t untouched = mask;
  for (State* state = &cell.state;; state = &parts_[state->next - 1]) {
    if ((state->mask & mask) != 0) {
      if (Check(*state, thread, mask, kind, word, info)) return true;
      untouched &= ~state->mask;
    }
    if (state->next == 0) break;
  }
  const bool atomic = kind == kAtomicRead || kind == kAtomicWrite;
  uint8_t flags = 0;
  if (kind != kRead && kind != kAtomicRead) flags |= kWriteFlag;
  if (atomic) flags |= kAtomicFlag;
  if (kind == kFree) flags |= kFreeFlag;
  const uint32_t now =
      static_cast<uint32_t>(clocks_[thread].current[thread]) + (atomic ? 0 : 1);
  const Access access(thread, now, pc, step, flags);
  if (untouched != mask) {
    ForStates(cell, mask, [&](State& state) { Record(state, access, kind); });
  }
  if (untouched != 0) {
    if (cell.state.mask == 0) {
      cell.state.mask = static_cast<uint8_t>(untouched);
      Record(cell.state, access, kind);
    } else {
      State state;
      state.mask = static_cast<uint8_t>(untouched);
      state.next = cell.state.next;
      Record(state, access, kind);
      parts_.push_back(state);
      cell.state.next = static_cast<uint32_t>(parts_.size());
    }
  }
  cell.fast_mask =
      (cell.state.write.flags() & kFreeFlag) == 0 ? cell.state.mask : 0;
  return false;
}

// Not within one word, or not the common case.
bool Shadow::Slow(ThreadId thread, uintptr_t address, size_t size, uintptr_t pc,
                  uint64_t step, Kind kind, RaceInfo* info) {
  const bool in_one_word = MaskInWord(address, size) != 0;
  while (size != 0) {
    const size_t offset = address & 7;
    const size_t count = std::min<size_t>(size, 8 - offset);
    const uint32_t mask = ((1u << count) - 1) << offset;
    bool conflict;
    if (in_one_word || kind > kWrite) {
      conflict = Word(thread, address - offset, mask, pc, step, kind, info);
    } else {
      conflict = kind == kWrite
                     ? Write(thread, address, count, pc, step, info)
                     : Read(thread, address, count, pc, step, info);
    }
    if (conflict) return true;
    address += count;
    size -= count;
  }
  return false;
}

bool Shadow::Atomic(ThreadId thread, uintptr_t address, size_t size,
                    uintptr_t pc, uint64_t step, Kind kind, RaceInfo* info) {
  const uint32_t mask = MaskInWord(address, size);
  Page* page = mask != 0 ? PageInUse(address) : nullptr;
  if (page == nullptr) return Slow(thread, address, size, pc, step, kind, info);
  Cell& cell = CellIn(*page, address);
  if (cell.generation != page->generation && page->freed.time == 0) {
    Begin(cell, *page, mask);
  }
  State& state = cell.state;
  const Timestamp* clock = clocks_[thread].current;
  if (cell.generation == page->generation && cell.fast_mask == mask &&
      Before(state.write, thread, clock) && Before(state.read, thread, clock)) {
    Extra& extra = ExtraOf(state);
    if (kind == kAtomicRead || extra.reads == Extra::kNone) {
      uint32_t& entries =
          kind == kAtomicRead ? extra.atomic_reads : extra.atomic_writes;
      if (entries == Extra::kNone) entries = NewEntries();
      entries_[entries + thread] =
          Access(thread, static_cast<uint32_t>(clock[thread]), pc, step,
                 kind == kAtomicRead ? kAtomicFlag : kAtomicFlag | kWriteFlag);
      return false;
    }
  }
  return Slow(thread, address, size, pc, step, kind, info);
}

// The common cases; false: nothing was done.
bool Shadow::FreeWord(ThreadId thread, uintptr_t word, const Access& access) {
  Page* page = PageInUse(word);
  if (page == nullptr) return false;
  Cell& cell = CellIn(*page, word);
  State& state = cell.state;
  if (cell.generation != page->generation) {
    if (page->freed.time != 0) return false;
    Begin(cell, *page, kWholeWord);
  } else if (const Timestamp* clock = clocks_[thread].current;
             cell.fast_mask == 0 || state.extra != 0 || state.next != 0 ||
             !Before(state.write, thread, clock) ||
             !Before(state.read, thread, clock)) {
    return false;
  }
  state.write = access;
  state.read = Access();
  state.mask = kWholeWord;
  cell.fast_mask = 0;
  return true;
}

bool Shadow::MarkFreed(ThreadId thread, uintptr_t address, size_t size,
                       uintptr_t pc, uint64_t step, RaceInfo* info) {
  constexpr size_t kPage = size_t{1} << kPageBits;
  const uint32_t now =
      static_cast<uint32_t>(clocks_[thread].current[thread]) + 1;
  const Access access(thread, now, pc, step, kWriteFlag | kFreeFlag);
  while (size != 0) {
    if (address % kPage == 0 && size >= kPage) {
      // A page whose cells nobody touched is freed as a whole.
      Page* page = FindPage(address);
      if (page == nullptr || page->execution != execution_) {
        page = MakePage(address);
        if (page != nullptr) page->freed = access;
        address += kPage;
        size -= kPage;
        continue;
      }
    }
    const size_t count = std::min(size, 8 - address % 8);
    if (!(count == 8 && FreeWord(thread, address, access)) &&
        Slow(thread, address, count, pc, step, kFree, info)) {
      return true;
    }
    address += count;
    size -= count;
  }
  return false;
}

bool Shadow::IsFreed(uintptr_t address, RaceInfo* info) {
  Page* page = FindPage(address);
  if (page == nullptr || page->execution != execution_) return false;
  const uint32_t mask = 1u << (address & 7);
  const Cell& cell = CellIn(*page, address);
  if (cell.generation != page->generation) {
    return page->freed.time != 0 &&
           Report(page->freed, address & ~uintptr_t{7}, mask, info);
  }
  for (const State* state = &cell.state;; state = &parts_[state->next - 1]) {
    if ((state->mask & mask) != 0) {
      return (state->write.flags() & kFreeFlag) != 0 &&
             Report(state->write, address & ~uintptr_t{7}, mask, info);
    }
    if (state->next == 0) return false;
  }
}

void Shadow::ResetWord(uintptr_t word, uint32_t mask) {
  Page* page = FindPage(word);
  if (page == nullptr || page->execution != execution_) return;
  Cell& cell = page->cells[(word >> 3) & (kCells - 1)];
  if (cell.generation != page->generation && page->freed.time == 0) return;
  MakeCell(word);
  if (mask == kWholeWord) {
    cell.state = State();
    cell.fast_mask = 0;
    return;
  }
  ForStates(cell, mask, [](State& state) {
    state.write = Access();
    state.read = Access();
    state.extra = 0;
  });
  cell.fast_mask = 0;
}

void Shadow::Reset(uintptr_t address, size_t size) {
  constexpr size_t kPage = size_t{1} << kPageBits;
  while (size != 0) {
    if (address % kPage == 0 && size >= kPage) {
      Page* page = FindPage(address);
      if (page != nullptr && page->execution == execution_) {
        page->generation = ++generation_;
        page->freed = Access();
      }
      address += kPage;
      size -= kPage;
      continue;
    }
    const size_t offset = address & 7;
    const size_t count = std::min<size_t>(size, 8 - offset);
    ResetWord(address - offset, ((1u << count) - 1) << offset);
    address += count;
    size -= count;
  }
}

}  // namespace racelab::model
