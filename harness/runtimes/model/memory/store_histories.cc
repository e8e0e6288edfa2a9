#include "runtimes/model/memory/store_histories.h"

#include <algorithm>
#include <cstring>

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

void Join(Timestamp* to, const Timestamp* from, int threads) {
  for (int t = 0; t < threads; ++t) to[t] = std::max(to[t], from[t]);
}

}  // namespace

StoreHistories::StoreHistories() {
  table_.Extend(size_t{1} << kFirstTableBits);  // mapped memory is zeroed
  table_shift_ = 64 - kFirstTableBits;
  std::fill_n(first_weak_, kMaxThreads, kNever);
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
  active_ = 0;
  if (weak_) std::fill_n(first_weak_, kMaxThreads, kNever);
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
  std::fill_n(last_node_, threads, kNone);
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
  std::fill_n(&last_read_pool_[object.last_read], threads_, Index{0});
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
  std::fill_n(&first_reads_[reads], threads_, kNever);
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

// ------------------------------------------------------------ what is allowed

void StoreHistories::NoteWeak(ThreadId thread, uint32_t time) {
  weak_ = true;
  first_weak_[thread] = std::min(first_weak_[thread], time);
}

bool StoreHistories::IsStrong(ThreadId thread, Order order) const {
  if (order != Order::kSeqCst) return false;
  if (!weak_) return true;
  const Timestamp* clock = clocks_[thread].current;
  for (int t = 0; t < threads_; ++t) {
    if (clock[t] >= first_weak_[t]) return false;
  }
  return true;
}

// The store, or a read of it, happens before whoever has this clock.
bool StoreHistories::KnownAt(Index index, const Timestamp* clock) const {
  if (HappensBefore(stores_[index], clock)) return true;
  const uint32_t* reads = &first_reads_[size_t{index} * threads_];
  bool known = false;
  for (int t = 0; t < active_; ++t) known |= reads[t] <= clock[t];
  return known;
}

uint32_t StoreHistories::CoherenceFloor(const Object& object,
                                        ThreadId thread) const {
  const Timestamp* clock = clocks_[thread].current;
  const Index* order = OrderOf(object);
  uint32_t position = object.count - 1;
  while (!KnownAt(order[position], clock)) --position;
  return position;
}

// The least position at which a strong operation of this thread may read a
// strong store, or store: it does not go behind strong stores. A read of
// another store is not strong.
uint32_t StoreHistories::StrongFloor(const Object& object, ThreadId thread,
                                     Order order, uint32_t floor) const {
  if (!IsStrong(thread, order)) return floor;
  uint32_t position = object.count - 1;
  while (position > floor && !StoreAt(object, position).strong) --position;
  return position;
}

// ------------------------------------------------------------- seq_cst order
//
// psc's past of an event is closed under po, hence a time per thread. It is
// kept for every recorded event, by CatchUp(), which runs only when somebody
// asks. Events that are not seq_cst are recorded once there are fences; their
// "past" has the fences that happen before them, and those fences' own: all
// that comes before whatever they precede in eco.
//
// KeyOf() puts eco in numbers: a eco b iff a's is less, on one object.

// The greatest key of what happens before whoever has this clock.
uint32_t StoreHistories::KeyKnownAt(const Object& object,
                                    const Timestamp* clock) const {
  uint32_t position = object.count - 1;
  while (!KnownAt(OrderOf(object)[position], clock)) --position;
  const uint32_t* reads =
      &first_reads_[size_t{OrderOf(object)[position]} * threads_];
  for (int t = 0; t < active_; ++t) {
    if (reads[t] <= clock[t]) return 2 * position + 1;
  }
  return 2 * position;
}

void StoreHistories::AddPast(uint32_t* past, Index event) {
  const uint32_t* other = PastOf(event);
  for (int t = 0; t < threads_; ++t) past[t] = std::max(past[t], other[t]);
}

// Adds what an event with this clock is ordered after by happens-before: an
// access to `object`, or a fence (kNone). What is no node itself is ordered
// after fences only, by way of those.
void StoreHistories::AddKnown(ThreadId thread, Index object, bool node,
                              const Timestamp* clock, uint32_t* past) {
  for (ThreadId t = 0; t < threads_; ++t) {
    const Timestamp known = clock[t];
    for (Index at = last_node_[t]; at != kNone;
         at = events_[at].previous_node) {
      const Event& event = events_[at];
      if (event.time <= past[t]) break;  // it and all before it are in
      const bool ordered =
          t == thread ? event.fence() || node
          : event.fence()
              ? event.time <= known
              : node && (event.time < known ||
                         (event.time == known &&
                          (object == kNone || event.object == object)));
      if (ordered) {
        AddPast(past, at);
        break;
      }
    }
  }
}

// `from` comes before `to` in psc, and `to` was there first.
void StoreHistories::AddEdge(Index from, Index to) {
  const uint32_t* past = PastOf(from);
  const uint32_t* old = PastOf(to);
  bool news = false;
  for (int t = 0; t < threads_; ++t) news |= past[t] > old[t];
  if (!news) return;
  const ThreadId thread = events_[to].thread;
  const uint32_t time = events_[to].time;
  const Index count = static_cast<Index>(pasts_.size() / threads_);
  for (Index at = 0; at < count; ++at) {
    if (PastOf(at)[thread] >= time) AddPast(PastOf(at), from);
  }
}

// Works out the pasts of events recorded since the last time.
void StoreHistories::CatchUp() {
  for (Index at = static_cast<Index>(pasts_.size() / threads_);
       at < events_.size(); ++at) {
    pasts_.Extend(threads_);
    std::fill_n(PastOf(at), threads_, 0u);
    Event& event = events_[at];
    const Timestamp* clock = &event_clocks_[event.clock];
    AddKnown(event.thread, event.object, event.seq_cst, clock, PastOf(at));
    if (event.fence()) {
      for (const Object& object : objects_) {
        if (object.last_event == kNone) continue;
        const uint32_t key = KeyKnownAt(object, clock);
        for (Index a = object.last_event; a != kNone;
             a = events_[a].previous_on_object) {
          if (KeyOf(events_[a]) < key) AddPast(PastOf(at), a);
        }
      }
    } else {
      Object& object = objects_[event.object];
      event.previous_on_object = object.last_event;
      object.last_event = at;
      const uint32_t key = KeyOf(event);
      if (event.seq_cst) {
        for (Index a = event.previous_on_object; a != kNone;
             a = events_[a].previous_on_object) {
          if (KeyOf(events_[a]) < key) AddPast(PastOf(at), a);
        }
      }
    }
    if (event.seq_cst) {
      PastOf(at)[event.thread] = event.time;
      event.previous_node = last_node_[event.thread];
      last_node_[event.thread] = at;
    }
    if (event.fence()) continue;
    const Object& object = objects_[event.object];
    const uint32_t key = KeyOf(event);
    for (Index b = event.previous_on_object; b != kNone;
         b = events_[b].previous_on_object) {
      if (events_[b].seq_cst && KeyOf(events_[b]) > key) AddEdge(at, b);
    }
    if (fences_ == 0 || key + 1 >= 2 * object.count - 1) continue;
    for (Index b = 0; b < at; ++b) {
      if (events_[b].fence() &&
          KeyKnownAt(object, &event_clocks_[events_[b].clock]) > key) {
        AddEdge(at, b);
      }
    }
  }
}

// The least position, from `floor` up, at which the operation under way would
// close no cycle of psc: the latest position of an access that is in psc's past
// of it, or that happens before a fence in that past.
//
// What the operation acquires by its own read needs no regard, here as in the
// recorded clocks: it was released by a store W at or before the place in mo
// that is read. What happens before W is before W in coherence order if it is
// of this object; a fence before W is ordered through "hb;eco" by W itself. Nor
// does what precedes the operation in eco: it also precedes all that the
// operation would.
uint32_t StoreHistories::ScFloor(Index index, ThreadId thread, Order order,
                                 uint32_t floor) {
  const bool seq_cst = order == Order::kSeqCst;
  if (!seq_cst && fences_ == 0) return floor;
  if (floor + 1 == objects_[index].count) return floor;
  CatchUp();

  const Object& object = objects_[index];
  uint32_t past[kMaxThreads] = {};
  AddKnown(thread, index, seq_cst, clocks_[thread].current, past);
  for (Index at = object.last_event; at != kNone;
       at = events_[at].previous_on_object) {
    const Event& event = events_[at];
    if (event.seq_cst && event.time <= past[event.thread]) {
      floor = std::max(floor, stores_[event.store].position);
    }
  }
  if (fences_ == 0) return floor;
  for (ThreadId t = 0; t < threads_; ++t) {
    Index at = last_node_[t];
    while (at != kNone &&
           (!events_[at].fence() || events_[at].time > past[t])) {
      at = events_[at].previous_node;
    }
    if (at == kNone) continue;
    floor = std::max(floor,
                     KeyKnownAt(object, &event_clocks_[events_[at].clock]) / 2);
  }
  return floor;
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
  std::copy_n(clock, threads_, &event_clocks_[index]);
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
    Join(clocks_[thread].current, message, threads_);
  } else {
    fence_clocks_used_ |= uint32_t{1} << thread;
    Join(clocks_[thread].acquire_fence, message, threads_);
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
    for (uint32_t p = position + 1; p-- > floor && n < kMaxCandidates;) {
      if (p >= strong_floor || !StoreAt(object, p).strong) {
        candidates_[n++] = OrderOf(object)[p];
      }
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
    std::copy_n(clocks_[thread].current, threads_, message);
  } else if ((release_fenced_ >> thread & 1) != 0) {
    std::copy_n(clocks_[thread].release_fence, threads_, message);
  }
  store.has_message = releases || (release_fenced_ >> thread & 1) != 0;
  if (read_from != kNone && stores_[read_from].has_message) {
    const Timestamp* chain = &messages_[size_t{read_from} * threads_];
    if (store.has_message) {
      Join(message, chain, threads_);
    } else {
      std::copy_n(chain, threads_, message);
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
    for (uint32_t p = after; p-- > floor && n < kMaxCandidates;) {
      if (!StoreAt(object, p + 1).rmw) places[n++] = p;
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
    for (uint32_t p = newest + 1; p-- > floor && n < kMaxCandidates;) {
      const StoreRecord& store = StoreAt(object, p);
      Value ignored;
      const bool stores = function(store.value, argument, &ignored);
      if (stores && p < newest && StoreAt(object, p + 1).rmw) continue;
      if (p < (stores ? success_floor : failure_floor)) continue;
      if (store.strong && p < (stores ? success_strong : failure_strong)) {
        continue;
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
    Join(current, clocks_[thread].acquire_fence, threads_);
  }
  if (Releases(order)) {
    std::copy_n(current, threads_, clocks_[thread].release_fence);
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

// ------------------------------------------------------------------ reduction

// Why these commute: executions are compared by their graphs (po, rf, mo, and
// the order of lock operations), which alone decide what the program sees.
//
// Two stores to an object: either can be placed on either side of the other,
// whichever runs first, so both orders give the same graphs. Not so where both
// are seq_cst, since strong ones go where they run.
//
// A load L and a store W: with W first, L may still read all that it could read
// before. So where W was explored first (b), L before it (a) adds nothing;
// where L was explored first (b), W before it (a) adds only what L reads from
// W. An RMW that reads something else than W and is placed behind it is the
// same: W then goes in front of or behind the pair. Where both are seq_cst, "W
// first, L an older one" may not be possible, so only the second half holds.
//
// Fences write to their own thread only; psc is a function of the graph. So is
// everything strong operations may choose among each other (store_histories.h):
// of the objects' other stores they may choose freely in either order.
//
// Sleep sets stay complete with that: Abdulla, Aronis, Jonsson, Sagonas, POPL
// 2014, section 4, for the order of steps; that the graph is what counts, and
// that a read need be revisited only for stores that came later:
// Kokologiannakis, Marmanis, Gladstein, Vafeiadis, "Truly stateless, optimal
// dynamic partial order reduction", POPL 2022.
MemoryModel::Commute StoreHistories::Commutes(const PendingOp& a,
                                              const PendingOp& b) const {
  if (a.kind == OpKind::kOther || b.kind == OpKind::kOther) {
    return Commute::kNo;
  }
  auto local = [](OpKind kind) {
    return kind == OpKind::kNone || kind == OpKind::kStart ||
           kind == OpKind::kFence;
  };
  if (local(a.kind) || local(b.kind)) return Commute::kYes;
  auto yields = [](OpKind kind) { return kind == OpKind::kYield; };
  if (yields(a.kind) || yields(b.kind)) {
    // Yields and sleeps order nothing but each other (virtual time).
    return yields(a.kind) && yields(b.kind) ? Commute::kNo : Commute::kYes;
  }
  auto threads = [](OpKind kind) {
    return kind == OpKind::kJoin || kind == OpKind::kExit;
  };
  if (threads(a.kind) || threads(b.kind)) {
    // They name a thread, not an address.
    return threads(a.kind) && threads(b.kind) && a.object == b.object
               ? Commute::kNo
               : Commute::kYes;
  }
  auto atomic = [](OpKind kind) {
    return kind == OpKind::kLoad || kind == OpKind::kStore ||
           kind == OpKind::kRmw;
  };
  auto touches = [](const PendingOp& x, const PendingOp& y) {
    auto one = [](uintptr_t p, size_t p_size, uintptr_t q, size_t q_size) {
      return p != 0 && q != 0 &&
             Overlap(p, std::max<size_t>(p_size, 1), q,
                     std::max<size_t>(q_size, 1));
    };
    return one(x.object, x.size, y.object, y.size) ||
           one(x.object2, 0, y.object, y.size) ||
           one(x.object, x.size, y.object2, 0) ||
           one(x.object2, 0, y.object2, 0);
  };
  if (a.object == 0 || b.object == 0) return Commute::kNo;
  if (!touches(a, b)) return Commute::kYes;
  if (!atomic(a.kind) || !atomic(b.kind)) {
    // Shared holders do not see each other.
    return a.kind == b.kind && (a.kind == OpKind::kLockShared ||
                                a.kind == OpKind::kUnlockShared)
               ? Commute::kYes
               : Commute::kNo;
  }
  if (a.kind == OpKind::kLoad && b.kind == OpKind::kLoad) return Commute::kYes;
  if (a.object != b.object || a.size != b.size) return Commute::kNo;
  const bool strong = a.order == Order::kSeqCst && b.order == Order::kSeqCst;
  if (b.kind == OpKind::kLoad) return Commute::kIfNotReadFrom;
  if (a.kind == OpKind::kLoad) return strong ? Commute::kNo : Commute::kYes;
  if (a.kind == OpKind::kRmw && b.kind == OpKind::kRmw) return Commute::kNo;
  if (b.kind == OpKind::kRmw) return Commute::kIfNotReadFrom;
  return strong ? Commute::kNo : Commute::kYes;
}

}  // namespace racelab::model
