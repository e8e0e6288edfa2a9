#include "runtimes/model/memory/store_histories.h"

#include <algorithm>
#include <cstring>

#include "runtimes/model/memory/clocks.h"

namespace racelab::model {
namespace {

constexpr size_t kGranuleBits = 4;
constexpr uint32_t kFirstTableBits = 8;

Value ReadMemory(uintptr_t address, uint32_t size) {
  const void* memory = reinterpret_cast<const void*>(address);
  Value value;
  switch (size) {
    case 1:
      std::memcpy(&value.lo, memory, 1);
      break;
    case 2:
      std::memcpy(&value.lo, memory, 2);
      break;
    case 4:
      std::memcpy(&value.lo, memory, 4);
      break;
    case 8:
      std::memcpy(&value.lo, memory, 8);
      break;
    default:
      std::memcpy(&value, memory, 16);
      break;
  }
  return value;
}

void WriteMemory(uintptr_t address, uint32_t size, const Value& value) {
  void* memory = reinterpret_cast<void*>(address);
  switch (size) {
    case 1:
      std::memcpy(memory, &value.lo, 1);
      break;
    case 2:
      std::memcpy(memory, &value.lo, 2);
      break;
    case 4:
      std::memcpy(memory, &value.lo, 4);
      break;
    case 8:
      std::memcpy(memory, &value.lo, 8);
      break;
    default:
      std::memcpy(memory, &value, 16);
      break;
  }
}

// The value that `size` bytes can hold.
Value Fit(Value value, uint32_t size) {
  if (size < 8) value.lo &= (uint64_t{1} << (8 * size)) - 1;
  if (size < 16) value.hi = 0;
  return value;
}

bool Overlap(uintptr_t a, size_t a_size, uintptr_t b, size_t b_size) {
  return a < b + b_size && b < a + a_size;
}

}  // namespace

StoreHistories::StoreHistories() {
  table_.Extend(size_t{1} << kFirstTableBits);  // mapped memory is zeroed
  table_shift_ = 64 - kFirstTableBits;
  FillEntries(first_weak_, kMaxThreads, kNever);
}

void StoreHistories::BeginExecution(int threads, ThreadClocks* clocks,
                                    Strategy* strategy) {
  if (clocks != last_clocks_ || threads != last_threads_) {
    fence_clocks_used_ = ~uint32_t{0};
    last_clocks_ = clocks;
    last_threads_ = threads;
  }
  threads_ = threads;
  clocks_ = clocks;
  strategy_ = strategy;
  step_ = 0;
  clipped_ = false;
  active_ = 0;
  if (weak_) FillEntries(first_weak_, weak_threads_, kNever);
  weak_threads_ = threads;
  weak_ = false;
  if (fence_clocks_used_ != 0) {
    for (int t = 0; t < threads; ++t) {
      if ((fence_clocks_used_ >> t & 1) == 0) continue;
      std::fill_n(clocks[t].acquire_fence, threads, Timestamp{0});
      std::fill_n(clocks[t].release_fence, threads, Timestamp{0});
    }
    fence_clocks_used_ = 0;
  }
  release_fenced_ = 0;

  ++execution_;
  slots_used_ = 0;
  lowest_ = ~uintptr_t{0};
  highest_ = 0;
  objects_.clear();
  order_pool_.clear();
  last_read_pool_.clear();
  stores_.clear();
  messages_.clear();
  first_reads_.clear();
  events_.clear();
  event_clocks_.clear();
  fences_ = 0;
  pasts_.clear();
  FillEntries(last_node_, threads, kNone);
  candidate_count_ = 0;
}

// ---------------------------------------------------------------- objects

StoreHistories::Slot& StoreHistories::FindSlot(uintptr_t granule) {
  const size_t mask = table_.size() - 1;
  size_t at = (granule * 0x9e3779b97f4a7c15) >> table_shift_;
  for (;; at = (at + 1) & mask) {
    Slot& slot = table_[at];
    if (slot.execution != execution_) {
      if (2 * ++slots_used_ > table_.size()) [[unlikely]] {
        GrowTable();
        return FindSlot(granule);
      }
      slot.execution = execution_;
      slot.granule = granule;
      slot.head = kNone;
      return slot;
    }
    if (slot.granule == granule) return slot;
  }
}

void StoreHistories::GrowTable() {
  Pool<Slot> old;
  for (const Slot& slot : table_) {
    if (slot.execution == execution_) old.push_back(slot);
  }
  table_.Extend(table_.size());
  --table_shift_;
  std::fill_n(table_.data(), table_.size(), Slot{});
  slots_used_ = 0;
  for (const Slot& slot : old) FindSlot(slot.granule).head = slot.head;
}

StoreHistories::Index StoreHistories::FindObject(const AtomicAccess& access) {
  Slot& slot = FindSlot(access.address >> kGranuleBits);
  for (Index at = slot.head; at != kNone; at = objects_[at].next) {
    const Object& object = objects_[at];
    if (object.address != access.address || object.size != access.size) {
      continue;
    }
    // Code that is not instrumented may have stored there.
    if (ReadMemory(access.address, access.size) ==
        StoreAt(object, object.count - 1).value) [[likely]] {
      return at;
    }
    break;
  }
  return NewObject(slot, access);
}

void StoreHistories::DropOverlaps(Slot& slot, uintptr_t address, size_t size) {
  Index* link = &slot.head;
  while (*link != kNone) {
    Object& object = objects_[*link];
    if (Overlap(object.address, object.size, address, size)) {
      *link = object.next;
    } else {
      link = &object.next;
    }
  }
}

StoreHistories::Index StoreHistories::NewObject(Slot& slot,
                                                const AtomicAccess& access) {
  DropOverlaps(slot, access.address, access.size);
  const Index index = static_cast<Index>(objects_.Extend(1));
  constexpr uint32_t kCapacity = 8;
  Object& object = objects_[index];
  object.address = access.address;
  object.size = access.size;
  object.next = slot.head;
  object.order = static_cast<Index>(order_pool_.Extend(kCapacity));
  object.capacity = kCapacity;
  object.last_read = static_cast<Index>(last_read_pool_.Extend(threads_));
  FillEntries(&last_read_pool_[object.last_read], threads_, Index{0});
  object.last_event = kNone;
  slot.head = index;
  lowest_ = std::min(lowest_, access.address);
  highest_ = std::max(highest_, access.address + access.size);

  const Index initial = NewStore();
  StoreRecord& store = stores_[initial];
  store.value = ReadMemory(access.address, access.size);
  store.pc = 0;
  store.step = 0;
  store.time = 0;
  store.position = 0;
  store.thread = -1;
  store.rmw = false;
  store.has_message = false;
  store.strong = true;
  object.count = 1;
  OrderOf(object)[0] = initial;
  return index;
}

StoreHistories::Index StoreHistories::NewStore() {
  const Index index = static_cast<Index>(stores_.Extend(1));
  messages_.Extend(threads_);
  const size_t reads = first_reads_.Extend(threads_);
  FillEntries(&first_reads_[reads], threads_, kNever);
  return index;
}

void StoreHistories::Insert(Object& object, uint32_t position, Index store) {
  if (object.count == object.capacity) {
    const Index bigger =
        static_cast<Index>(order_pool_.Extend(2 * object.capacity));
    std::copy_n(OrderOf(object), object.count, &order_pool_[bigger]);
    object.order = bigger;
    object.capacity *= 2;
  }
  Index* order = OrderOf(object);
  for (uint32_t at = object.count; at > position; --at) {
    order[at] = order[at - 1];
    stores_[order[at]].position = at;
  }
  order[position] = store;
  stores_[store].position = position;
  ++object.count;
}

void StoreHistories::Forget(uintptr_t address, size_t size) {
  if (size == 0 || !MayHold(address, size)) return;
  const uintptr_t first = std::max(address, lowest_) >> kGranuleBits;
  const uintptr_t last =
      (std::min(address + size, highest_) - 1) >> kGranuleBits;
  if (last - first < table_.size()) {
    for (uintptr_t granule = first; granule <= last; ++granule) {
      const size_t mask = table_.size() - 1;
      size_t at = (granule * 0x9e3779b97f4a7c15) >> table_shift_;
      for (; table_[at].execution == execution_; at = (at + 1) & mask) {
        if (table_[at].granule != granule) continue;
        DropOverlaps(table_[at], address, size);
        break;
      }
    }
    return;
  }
  for (Slot& slot : table_) {
    if (slot.execution == execution_) DropOverlaps(slot, address, size);
  }
}

void StoreHistories::PlainStore(ThreadId, uintptr_t address, size_t size) {
  Forget(address, size);
}

// ---------------------------------------------------------------- operations

unsigned StoreHistories::Choose(DecisionKind kind, unsigned n,
                                const AtomicAccess& access, OpKind op) {
  PendingOp pending;
  pending.kind = op;
  pending.order = access.order;
  pending.size = static_cast<uint16_t>(access.size);
  pending.object = access.address;
  return strategy_->Choose(kind, n, access.thread, pending);
}

StoreHistories::Index StoreHistories::RecordClock(const Timestamp* clock) {
  const size_t index = event_clocks_.Extend(threads_);
  CopyEntries(&event_clocks_[index], clock, threads_);
  return static_cast<Index>(index);
}

void StoreHistories::Record(Index object, Index store, ThreadId thread,
                            uint32_t time, bool reads_only, bool seq_cst,
                            Index clock) {
  Event event;
  event.time = time;
  event.object = object;
  event.store = store;
  event.clock = clock;
  event.previous_node = kNone;
  event.previous_on_object = kNone;
  event.thread = static_cast<int8_t>(thread);
  event.reads_only = reads_only;
  event.seq_cst = seq_cst;
  events_.push_back(event);
}

void StoreHistories::Describe(const Object& object, Index index,
                              ThreadId thread, ReadInfo* info) {
  const StoreRecord& store = stores_[index];
  Index& last = last_read_pool_[object.last_read + thread];
  info->stale = store.position + 1 != object.count;
  info->writer = store.thread;
  info->writer_step = store.step;
  info->writer_pc = store.pc;
  info->changed_since_last_read = last != index + 1;
  last = index + 1;
}

// What a read does besides returning a value.
void StoreHistories::Acquire(Index index, ThreadId thread, Order order) {
  const StoreRecord& store = stores_[index];
  if (!store.has_message) return;
  const Timestamp* message = &messages_[size_t{index} * threads_];
  if (Acquires(order)) {
    JoinClock(clocks_[thread].current, message, threads_);
  } else {
    fence_clocks_used_ |= uint32_t{1} << thread;
    JoinClock(clocks_[thread].acquire_fence, message, threads_);
  }
}

void StoreHistories::FinishRead(Index object, Index index,
                                const AtomicAccess& access, Order order,
                                uint32_t time) {
  const ThreadId thread = access.thread;
  if (thread >= active_) active_ = thread + 1;
  uint32_t& first = first_reads_[size_t{index} * threads_ + thread];
  first = std::min(first, time);
  const bool seq_cst = order == Order::kSeqCst;
  if (seq_cst || fences_ != 0) {
    Record(object, index, thread, time, true, seq_cst,
           RecordClock(clocks_[thread].current));
  }
  Acquire(index, thread, order);
  if (weak_ && !stores_[index].strong) NoteWeak(thread, time);
}

Value StoreHistories::Load(const AtomicAccess& access, ReadInfo* info) {
  const ThreadId thread = access.thread;
  const uint32_t time = Tick(thread);
  if (access.order != Order::kSeqCst) NoteWeak(thread, time);
  const Index index = FindObject(access);
  const Object& object = objects_[index];
  uint32_t position = object.count - 1;
  if (weak_ && position > 0) {
    uint32_t floor = CoherenceFloor(object, thread);
    floor = ScFloor(index, thread, access.order, floor);
    const uint32_t strong_floor =
        StrongFloor(object, thread, access.order, floor);
    unsigned n = 0;
    for (uint32_t p = position + 1; p-- > floor;) {
      if (p < strong_floor && StoreAt(object, p).strong) continue;
      if (n == kMaxCandidates) {
        clipped_ = true;
        break;
      }
      candidates_[n++] = OrderOf(object)[p];
    }
    candidate_count_ = n;
    if (n > 1) {
      const unsigned chosen =
          Choose(DecisionKind::kReadsFrom, n, access, OpKind::kLoad);
      position = stores_[candidates_[chosen]].position;
    }
  }
  const Index store = OrderOf(object)[position];
  Describe(object, store, thread, info);
  FinishRead(index, store, access, access.order, time);
  return stores_[store].value;
}

// Makes the store at `position` of its object's mo; the thread's clock and
// what it read, where it is an RMW, are up to date.
void StoreHistories::Place(Index object_index, uint32_t position, Value value,
                           const AtomicAccess& access, uint32_t time,
                           Index read_from, Index clock) {
  const ThreadId thread = access.thread;
  const bool seq_cst = access.order == Order::kSeqCst;
  const Index index = NewStore();
  StoreRecord& store = stores_[index];
  store.value = value;
  store.pc = access.pc;
  store.step = step_;
  store.time = time;
  store.thread = static_cast<int8_t>(thread);
  store.rmw = read_from != kNone;
  store.strong = IsStrong(thread, access.order);

  Timestamp* message = &messages_[size_t{index} * threads_];
  const bool releases = Releases(access.order);
  if (releases) {
    CopyEntries(message, clocks_[thread].current, threads_);
  } else if ((release_fenced_ >> thread & 1) != 0) {
    CopyEntries(message, clocks_[thread].release_fence, threads_);
  }
  store.has_message = releases || (release_fenced_ >> thread & 1) != 0;
  if (read_from != kNone && stores_[read_from].has_message) {
    const Timestamp* chain = &messages_[size_t{read_from} * threads_];
    if (store.has_message) {
      JoinClock(message, chain, threads_);
    } else {
      CopyEntries(message, chain, threads_);
      store.has_message = true;
    }
  }

  Object& object = objects_[object_index];
  Insert(object, position, index);
  if (position + 1 == object.count) {
    WriteMemory(access.address, access.size, value);
  }
  if (clock != kNone) {
    Record(object_index, index, thread, time, false, seq_cst, clock);
  }
}

void StoreHistories::Store(const AtomicAccess& access, Value value) {
  const ThreadId thread = access.thread;
  const uint32_t time = Tick(thread);
  if (access.order != Order::kSeqCst) NoteWeak(thread, time);
  const Index index = FindObject(access);
  const Object& object = objects_[index];
  uint32_t after = object.count - 1;
  if (weak_ && after > 0) {
    uint32_t floor = CoherenceFloor(object, thread);
    floor = ScFloor(index, thread, access.order, floor);
    floor = StrongFloor(object, thread, access.order, floor);
    // Places are named by what they follow. Nothing comes between an RMW and
    // what it read.
    uint32_t places[kMaxCandidates];
    unsigned n = 0;
    places[n++] = after;
    for (uint32_t p = after; p-- > floor;) {
      if (StoreAt(object, p + 1).rmw) continue;
      if (n == kMaxCandidates) {
        clipped_ = true;
        break;
      }
      places[n++] = p;
    }
    if (n > 1) {
      after =
          places[Choose(DecisionKind::kPlacement, n, access, OpKind::kStore)];
    }
  }
  Index clock = kNone;
  if (access.order == Order::kSeqCst || fences_ != 0) {
    clock = RecordClock(clocks_[thread].current);
  }
  Place(index, after + 1, Fit(value, access.size), access, time, kNone, clock);
}

// Whether there is a store whose value the RMW would leave alone.
bool StoreHistories::MayFail(const Object& object, RmwFunction function,
                             const void* argument) const {
  for (uint32_t p = 0; p < object.count; ++p) {
    Value ignored;
    if (!function(StoreAt(object, p).value, argument, &ignored)) return true;
  }
  return false;
}

Value StoreHistories::Rmw(const AtomicAccess& access, Order failure_order,
                          RmwFunction function, const void* argument,
                          bool* stored, ReadInfo* info) {
  const ThreadId thread = access.thread;
  const uint32_t time = Tick(thread);
  if (access.order != Order::kSeqCst) NoteWeak(thread, time);
  const Index index = FindObject(access);
  const uint32_t newest = objects_[index].count - 1;
  if (access.order == Order::kSeqCst && failure_order != Order::kSeqCst &&
      MayFail(objects_[index], function, argument)) {
    NoteWeak(thread, time);
  }
  uint32_t position = newest;
  if (weak_ && newest > 0) {
    const Object& object = objects_[index];
    const uint32_t floor = CoherenceFloor(object, thread);
    const uint32_t success_floor = ScFloor(index, thread, access.order, floor);
    const uint32_t failure_floor =
        failure_order == access.order
            ? success_floor
            : ScFloor(index, thread, failure_order, floor);
    const uint32_t success_strong =
        StrongFloor(object, thread, access.order, success_floor);
    const uint32_t failure_strong =
        StrongFloor(object, thread, failure_order, failure_floor);
    unsigned n = 0;
    for (uint32_t p = newest + 1; p-- > floor;) {
      const StoreRecord& store = StoreAt(object, p);
      Value ignored;
      const bool stores = function(store.value, argument, &ignored);
      if (stores && p < newest && StoreAt(object, p + 1).rmw) continue;
      if (p < (stores ? success_floor : failure_floor)) continue;
      if (store.strong && p < (stores ? success_strong : failure_strong)) {
        continue;
      }
      if (n == kMaxCandidates) {
        clipped_ = true;
        break;
      }
      candidates_[n++] = OrderOf(object)[p];
    }
    candidate_count_ = n;
    if (n > 1) {
      const unsigned chosen =
          Choose(DecisionKind::kReadsFrom, n, access, OpKind::kRmw);
      position = stores_[candidates_[chosen]].position;
    }
  }
  const Index read = OrderOf(objects_[index])[position];
  const Value old_value = stores_[read].value;
  Value new_value;
  *stored = function(old_value, argument, &new_value);
  Describe(objects_[index], read, thread, info);
  if (!*stored) {
    FinishRead(index, read, access, failure_order, time);
    return old_value;
  }
  Index clock = kNone;
  if (access.order == Order::kSeqCst || fences_ != 0) {
    clock = RecordClock(clocks_[thread].current);
  }
  Acquire(read, thread, access.order);
  if (weak_ && !stores_[read].strong) NoteWeak(thread, time);
  Place(index, position + 1, Fit(new_value, access.size), access, time, read,
        clock);
  return old_value;
}

void StoreHistories::Fence(ThreadId thread, Order order) {
  const uint32_t time = Tick(thread);
  Timestamp* current = clocks_[thread].current;
  const uint32_t bit = uint32_t{1} << thread;
  if (Acquires(order) && (fence_clocks_used_ & bit) != 0) {
    JoinClock(current, clocks_[thread].acquire_fence, threads_);
  }
  if (Releases(order)) {
    CopyEntries(clocks_[thread].release_fence, current, threads_);
    release_fenced_ |= bit;
    fence_clocks_used_ |= bit;
  }
  if (order == Order::kSeqCst) {
    Record(kNone, kNone, thread, time, false, true, RecordClock(current));
    ++fences_;
  }
}

uint64_t StoreHistories::CandidateStep(unsigned index) const {
  return index < candidate_count_ ? stores_[candidates_[index]].step
                                  : kUnknownStep;
}

}  // namespace racelab::model
