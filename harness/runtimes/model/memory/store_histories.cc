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
    case 16:
      std::memcpy(&value, memory, 16);
      break;
    default:
      std::memcpy(&value, memory, size);
      break;
  }
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
  reach_ = 0;
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

bool StoreHistories::SeenBehindFence(ThreadId thread, uintptr_t address,
                                     ThreadId writer) {
  const Slot& slot = FindSlot(address >> kGranuleBits);
  for (Index at = slot.head; at != kNone; at = objects_[at].next) {
    const Object& object = objects_[at];
    if (address - object.address >= object.size) continue;
    for (uint32_t position = object.count; position-- > 0;) {
      const Index index = OrderOf(object)[position];
      const StoreRecord& store = stores_[index];
      if (store.thread != writer) continue;
      if (!store.has_message || CoherenceFloor(object, thread) < position) {
        return false;
      }
      const Timestamp fence = messages_[size_t{index} * threads_ + writer];
      return fence < store.time && fence <= clocks_[thread].current[writer];
    }
  }
  return false;
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
  if ((access.address ^ (access.address + access.size - 1)) >> kGranuleBits !=
      0) {
    reach_ = 15;
  }
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
  const uintptr_t first = std::max(address - reach_, lowest_) >> kGranuleBits;
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

}  // namespace racelab::model
