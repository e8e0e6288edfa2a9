#include "runtimes/model/memory/shadow.h"

#include <algorithm>
#include <bit>

#include "runtimes/model/memory/clocks.h"

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
  execution_tag_ = ++execution_ << 16;
  SetThread(0);
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
  return page;
}

Shadow::Cell& Shadow::MakeCell(uintptr_t address) {
  static Cell nowhere;  // addresses that no user-space memory has
  Page* page = MakePage(address);
  if (page == nullptr) return nowhere = Cell();
  Cell& cell = page->cells[(address >> 3) & (kCells - 1)];
  if (Untouched(cell)) {
    page->touched_in = execution_;
    Begin(cell, Tag(kNobody, 0));
    if (FreedAsAWhole(*page)) {
      cell.write = page->freed;
      cell.mask = kWholeWord;
    }
  }
  return cell;
}

uint32_t Shadow::NewEntries() {
  const uint32_t index = static_cast<uint32_t>(entries_.size());
  entries_.Extend(threads_);
  FillEntries(&entries_[index], threads_, Access());
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
  State& state = index == 0 ? cell : parts_[index - 1];
  State other = state;
  other.mask = static_cast<uint8_t>(state.mask & ~mask);
  state.mask = static_cast<uint8_t>(state.mask & mask);
  SetTag(other, OwnerIn(state.tag));
  SetTag(state, OwnerIn(state.tag));
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
  other.next = cell.next;
  parts_.push_back(other);
  cell.next = static_cast<uint32_t>(parts_.size());
}

// Calls `function` for states that together are the touched bytes of `mask`.
template <typename Function>
void Shadow::ForStates(Cell& cell, uint32_t mask, Function function) {
  uint32_t index = 0;
  do {
    // What a split cuts off has no byte of the mask: no matter whether the
    // walk meets it.
    const State& found = index == 0 ? cell : parts_[index - 1];
    if ((found.mask & mask) != 0) {
      if ((found.mask & ~mask) != 0) Split(cell, index, mask);
      function(index == 0 ? cell : parts_[index - 1]);
    }
    index = index == 0 ? cell.next : parts_[index - 1].next;
  } while (index != 0);
}

bool Shadow::Word(ThreadId thread, uintptr_t word, uint32_t mask, uintptr_t pc,
                  uint64_t step, Kind kind, RaceInfo* info) {
  Cell& cell = MakeCell(word);
  uint32_t untouched = mask;
  for (State* state = &cell;; state = &parts_[state->next - 1]) {
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
  const auto owner = static_cast<uint64_t>(thread);
  if (untouched != mask) {
    ForStates(cell, mask, [&](State& state) {
      Record(state, access, kind);
      SetTag(state, owner);
    });
  }
  if (untouched != 0) {
    if (cell.mask == 0) {
      cell.mask = static_cast<uint8_t>(untouched);
      Record(cell, access, kind);
      SetTag(cell, owner);
    } else {
      State state;
      state.mask = static_cast<uint8_t>(untouched);
      state.next = cell.next;
      Record(state, access, kind);
      SetTag(state, owner);
      parts_.push_back(state);
      cell.next = static_cast<uint32_t>(parts_.size());
    }
  }
  return false;
}

// The state that is of these bytes of a word and no others, made for `owner` if
// nobody touched them; null if there is no such state, or they are freed.
Shadow::State* Shadow::FindState(uintptr_t address, uint32_t mask,
                                 uint64_t owner) {
  Page* page = FindPage(address);
  if (page == nullptr) [[unlikely]] {
    page = MakePage(address);
    if (page == nullptr) return nullptr;
  }
  Cell& cell = CellIn(*page, address);
  const uint64_t tag = Tag(owner, mask);
  if (Untouched(cell)) {
    if (FreedAsAWhole(*page)) return nullptr;
    page->touched_in = execution_;
    Begin(cell, tag);
    return &cell;
  }
  uint32_t touched = 0;
  for (State* state = &cell;; state = &parts_[state->next - 1]) {
    if ((state->tag & kMaskBits) == mask) return state;
    touched |= state->mask;
    if (state->next == 0) break;
  }
  if ((touched & mask) != 0) return nullptr;
  State& state = parts_[parts_.Extend(1)];
  Begin(state, tag);
  state.next = cell.next;
  cell.next = static_cast<uint32_t>(parts_.size());
  return &state;
}

// What Try did not do.
bool Shadow::Other(ThreadId thread, uintptr_t address, size_t size,
                   uintptr_t pc, uint64_t step, Kind kind, RaceInfo* info) {
  const uint32_t mask = MaskInWord(address, size);
  const auto owner = static_cast<uint64_t>(thread);
  State* state = mask != 0 ? FindState(address, mask, owner) : nullptr;
  const Timestamp* clock = clocks_[thread].current;
  if (state == nullptr || state->extra != 0 ||
      !Before(state->write, thread, clock) ||
      !Before(state->read, thread, clock)) {
    return Slow(thread, address, size, pc, step, kind, info);
  }
  state->tag = Tag(owner, mask);
  (kind == kWrite ? state->write : state->read) = Access(
      thread, Now(thread, clock), pc, step, kind == kWrite ? kWriteFlag : 0);
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
      conflict = kind == kWrite ? Write(thread, address, count, pc, step, info)
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
  State* state = mask != 0 ? FindState(address, mask, kNobody) : nullptr;
  const Timestamp* clock = clocks_[thread].current;
  if (state == nullptr || !Before(state->write, thread, clock) ||
      !Before(state->read, thread, clock)) {
    return Slow(thread, address, size, pc, step, kind, info);
  }
  if (state->extra == 0) {
    // Where there is one kind of atomic access, there will be the other one.
    const auto first = static_cast<uint32_t>(entries_.Extend(2 * threads_));
    FillEntries(&entries_[first], 2 * threads_, Access());
    Extra& extra = ExtraOf(*state);
    extra.atomic_writes = first;
    extra.atomic_reads = first + static_cast<uint32_t>(threads_);
    state->tag = Tag(kNobody, mask);
  }
  Extra& extra = extras_[state->extra - 1];
  if (kind == kAtomicWrite && extra.reads != Extra::kNone) {
    return Slow(thread, address, size, pc, step, kind, info);
  }
  uint32_t& entries =
      kind == kAtomicRead ? extra.atomic_reads : extra.atomic_writes;
  if (entries == Extra::kNone) entries = NewEntries();
  entries_[entries + thread] =
      Access(thread, static_cast<uint32_t>(clock[thread]), pc, step,
             kind == kAtomicRead ? kAtomicFlag : kAtomicFlag | kWriteFlag);
  return false;
}

// As many whole words of the page from `word` on, up to `end`, as are the
// common case; returns where it stopped.
uintptr_t Shadow::FreeWords(Page& page, uintptr_t word, uintptr_t end,
                            const Access& access) {
  const ThreadId thread = access.thread();
  const Timestamp* clock = clocks_[thread].current;
  const uint64_t tag = Tag(kNobody, 0);
  const bool as_a_whole = FreedAsAWhole(page);
  page.touched_in = execution_;
  for (Cell* cell = &CellIn(page, word); word != end; ++cell, word += 8) {
    State& state = *cell;
    if (Untouched(state)) {
      if (as_a_whole) break;
      state.extra = 0;
      state.next = 0;
    } else if ((state.tag & kMaskBits) == 0 || state.extra != 0 ||
               state.next != 0 || !Before(state.write, thread, clock) ||
               !Before(state.read, thread, clock)) {
      break;
    }
    state.write = access;
    state.read = Access();
    state.mask = kWholeWord;
    state.tag = tag;
  }
  return word;
}

bool Shadow::MarkFreed(ThreadId thread, uintptr_t address, size_t size,
                       uintptr_t pc, uint64_t step, RaceInfo* info) {
  constexpr uintptr_t kPage = uintptr_t{1} << kPageBits;
  const Access access(thread, Now(thread, clocks_[thread].current), pc, step,
                      kWriteFlag | kFreeFlag);
  const uintptr_t end = address + size;
  while (address != end) {
    Page* page = FindPage(address);
    if (page == nullptr) [[unlikely]] {
      page = MakePage(address);
    }
    const uintptr_t page_end = (address & ~(kPage - 1)) + kPage;
    if (address % kPage == 0 && page_end <= end && page != nullptr &&
        page->touched_in != execution_ && !FreedAsAWhole(*page)) {
      page->freed_in = execution_;
      page->freed = access;
      address = page_end;
      continue;
    }
    if (address % 8 == 0 && page != nullptr) {
      address = FreeWords(*page, address,
                          std::min(page_end, end & ~uintptr_t{7}), access);
      if (address == end || address == page_end) continue;
    }
    const size_t count = std::min<size_t>(end - address, 8 - address % 8);
    if (Slow(thread, address, count, pc, step, kFree, info)) return true;
    address += count;
  }
  return false;
}

void Shadow::ForgetAtomicStores(ThreadId thread, uintptr_t address) {
  if (FindPage(address) == nullptr) return;
  Cell& cell = MakeCell(address & ~uintptr_t{7});
  for (State* state = &cell;; state = &parts_[state->next - 1]) {
    if ((state->mask >> (address & 7) & 1) != 0 && state->extra != 0) {
      const Extra& extra = extras_[state->extra - 1];
      if (extra.atomic_writes != Extra::kNone) {
        entries_[extra.atomic_writes + static_cast<uint32_t>(thread)] =
            Access();
      }
    }
    if (state->next == 0) break;
  }
}

bool Shadow::IsFreed(uintptr_t address, RaceInfo* info) {
  Page* page = FindPage(address);
  if (page == nullptr) return false;
  const uintptr_t word = address & ~uintptr_t{7};
  const uint32_t mask = 1u << (address & 7);
  const Cell& cell = CellIn(*page, address);
  if (Untouched(cell)) {
    return FreedAsAWhole(*page) && Report(page->freed, word, mask, info);
  }
  for (const State* state = &cell;; state = &parts_[state->next - 1]) {
    if ((state->mask & mask) != 0) {
      return (state->write.flags() & kFreeFlag) != 0 &&
             Report(state->write, word, mask, info);
    }
    if (state->next == 0) return false;
  }
}

void Shadow::ResetWord(uintptr_t word, uint32_t mask) {
  Page* page = FindPage(word);
  if (page == nullptr) return;
  if (Untouched(CellIn(*page, word)) && !FreedAsAWhole(*page)) return;
  Cell& cell = MakeCell(word);
  if (mask == kWholeWord) {
    Begin(cell, Tag(kNobody, 0));
    return;
  }
  ForStates(cell, mask, [this](State& state) {
    state.write = Access();
    state.read = Access();
    state.extra = 0;
    SetTag(state, kNobody);
  });
}

void Shadow::Reset(uintptr_t address, size_t size) {
  while (size != 0) {
    const size_t offset = address & 7;
    const size_t count = std::min<size_t>(size, 8 - offset);
    ResetWord(address - offset, ((1u << count) - 1) << offset);
    address += count;
    size -= count;
  }
}

}  // namespace racelab::model
