// Relacy's own store histories behind the MemoryModel seam, for differential
// testing: its atomic objects (rl::atomic_data_impl), driven through the
// engine.
//
// What they are, as Relacy has them: each object keeps its last three stores in
// the order in which they were executed; release sequences follow C++11; an
// RMW reads the newest store, whether it succeeds or not; a seq_cst load reads
// nothing older than the newest seq_cst store. memory/litmus/relacy.differs
// says what that misses and what it invents, held against C++20 by a test.
//
// Only the values are kept here; which store a load reads is Relacy's answer,
// its random numbers being decisions (kReadsFrom).

#ifndef RACELAB_RUNTIMES_MODEL_RELACY_HISTORIES_H_
#define RACELAB_RUNTIMES_MODEL_RELACY_HISTORIES_H_

#include <algorithm>
#include <cstring>
#include <map>

#include "runtimes/model/engine.h"
#include "runtimes/model/execution.h"
#include "runtimes/model/memory_model.h"

namespace racelab::model {

class RelacyHistories final : public MemoryModel {
 public:
  // `rules`: knows which steps of other kinds commute. Outlives this.
  explicit RelacyHistories(const MemoryModel& rules) : rules_(rules) {}

  void BeginExecution(int, ThreadClocks* clocks, Strategy*) override {
    objects_.clear();
    clocks_ = clocks;
    step_ = 0;
    execution.engine->ForgetAtomics();
  }

  Value Load(const AtomicAccess& access, ReadInfo* info) override {
    Object& object = Find(access);
    const unsigned slot =
        execution.engine->AtomicLoad(object.data, access.order, false);
    return Read(object, slot, access, info);
  }

  void Store(const AtomicAccess& access, Value value) override {
    Object& object = Find(access);
    Write(object, execution.engine->AtomicStore(object.data, access.order),
          access, value);
  }

  Value Rmw(const AtomicAccess& access, Order failure_order,
            RmwFunction function, const void* argument, bool* stored,
            ReadInfo* info) override {
    Object& object = Find(access);
    const Value old_value = object.slots[object.newest].value;
    Value new_value;
    *stored = function(old_value, argument, &new_value);
    if (!*stored) {
      const unsigned slot =
          execution.engine->AtomicLoad(object.data, failure_order, true);
      return Read(object, slot, access, info);
    }
    Read(object, object.newest, access, info);
    Write(object, execution.engine->AtomicRmw(object.data, access.order),
          access, new_value);
    return old_value;
  }

  void Fence(ThreadId thread, Order order) override {
    ++clocks_[thread].current[thread];
    execution.engine->AtomicFence(order);
  }

  void Forget(uintptr_t address, size_t size) override {
    DropIn(address, size);
  }
  void PlainStore(ThreadId, uintptr_t address, size_t size) override {
    DropIn(address, size);
  }

  Commute Commutes(const PendingOp& a, const PendingOp& b) const override {
    const auto atomic = [](OpKind kind) {
      return kind == OpKind::kLoad || kind == OpKind::kStore ||
             kind == OpKind::kRmw || kind == OpKind::kFence;
    };
    const Commute answer = rules_.Commutes(a, b);
    if (!atomic(a.kind) || !atomic(b.kind)) return answer;
    // Stores are placed in the order in which they run, and fences share a
    // clock.
    if (a.kind == OpKind::kFence || b.kind == OpKind::kFence) {
      return Commute::kNo;
    }
    const bool apart =
        a.object + a.size <= b.object || b.object + b.size <= a.object;
    const bool loads = a.kind == OpKind::kLoad && b.kind == OpKind::kLoad;
    return answer == Commute::kYes && (apart || loads) ? Commute::kYes
                                                       : Commute::kNo;
  }

 private:
  struct Slot {
    Value value;
    ThreadId writer = -1;
    uint64_t step = 0;
    uintptr_t pc = 0;
    uint64_t number = 0;  // of the store, in order
  };
  struct Object {
    uint32_t size = 0;
    void* data = nullptr;  // Relacy's
    unsigned newest = 0;
    uint64_t stores = 0;
    Slot slots[Engine::kAtomicHistory];
    uint64_t seen[kMaxThreads] = {};  // 1 + number of the store read last
  };

  static Value FromMemory(uintptr_t address, uint32_t size) {
    Value value;
    std::memcpy(&value, reinterpret_cast<const void*>(address), size);
    return value;
  }

  void DropIn(uintptr_t address, size_t size) {
    auto at = objects_.lower_bound(address >= 16 ? address - 15 : 0);
    while (at != objects_.end() && at->first < address + size) {
      at = at->first + at->second.size > address ? objects_.erase(at)
                                                 : std::next(at);
    }
  }

  Object& Find(const AtomicAccess& access) {
    const auto known = objects_.find(access.address);
    if (known != objects_.end() && known->second.size == access.size &&
        known->second.slots[known->second.newest].value ==
            FromMemory(access.address, access.size)) {
      return known->second;
    }
    DropIn(access.address, access.size);
    Object& object = objects_[access.address];
    object.size = access.size;
    object.data = execution.engine->NewAtomic(&object.newest);
    object.slots[object.newest].value = FromMemory(access.address, access.size);
    return object;
  }

  Value Read(Object& object, unsigned slot, const AtomicAccess& access,
             ReadInfo* info) {
    const Slot& from = object.slots[slot];
    info->stale = slot != object.newest;
    info->writer = from.writer;
    info->writer_step = from.step;
    info->writer_pc = from.pc;
    uint64_t& seen = object.seen[access.thread];
    info->changed_since_last_read = seen != from.number + 1;
    seen = from.number + 1;
    return from.value;
  }

  void Write(Object& object, unsigned slot, const AtomicAccess& access,
             Value value) {
    object.newest = slot;
    // What lies beyond the access' size is none of the value.
    Value fit;
    std::memcpy(&fit, &value, access.size);
    object.slots[slot] = {fit, access.thread, step_, access.pc,
                          ++object.stores};
    std::memcpy(reinterpret_cast<void*>(access.address), &fit, access.size);
  }

  const MemoryModel& rules_;
  std::map<uintptr_t, Object> objects_;
  ThreadClocks* clocks_ = nullptr;
};

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_RELACY_HISTORIES_H_
