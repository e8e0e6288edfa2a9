// Loads, stores, read-modify-writes and fences on the histories.

#include <algorithm>
#include <cstring>

#include "runtimes/model/memory/clocks.h"
#include "runtimes/model/memory/store_histories.h"

namespace racelab::model {
namespace {

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
    case 16:
      std::memcpy(memory, &value, 16);
      break;
    default:
      std::memcpy(memory, &value, size);
      break;
  }
}

// The value that `size` bytes can hold.
Value Fit(Value value, uint32_t size) {
  if (size < 8) value.lo &= (uint64_t{1} << (8 * size)) - 1;
  if (size <= 8) {
    value.hi = 0;
  } else if (size < 16) {
    value.hi &= (uint64_t{1} << (8 * (size - 8))) - 1;
  }
  return value;
}

}  // namespace

unsigned StoreHistories::Choose(DecisionKind kind, unsigned n,
                                const AtomicAccess& access, OpKind op) {
  PendingOp pending;
  pending.kind = op;
  pending.order = access.order;
  pending.size = static_cast<uint16_t>(access.size);
  pending.object = access.address;
  return strategy_->Choose(kind, n, access.thread, pending);
}

uint32_t StoreHistories::ChooseCandidate(unsigned n, uint32_t only,
                                         const AtomicAccess& access,
                                         OpKind op) {
  candidate_count_ = n;
  if (n <= 1) return only;
  const unsigned chosen = Choose(DecisionKind::kReadsFrom, n, access, op);
  return stores_[candidates_[chosen]].position;
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
    position = ChooseCandidate(n, position, access, OpKind::kLoad);
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
    position = ChooseCandidate(n, position, access, OpKind::kRmw);
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
