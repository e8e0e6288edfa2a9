// RC11 with C++20's release sequences and order of seq_cst, run operation by
// operation.
//
// Every store to an object is kept, in modification order (mo); a load reads
// any store that the model allows, a store goes to any place in mo that the
// model allows, and the Strategy decides. Executions are explored in an order
// of po ∪ rf; RC11 has no cycles there (load buffering is out of scope), so
// nothing is missed by that.
//
// The model: Lahav, Vafeiadis, Kang, Hur, Dreyer, "Repairing sequential
// consistency in C/C++11", PLDI 2017, with C++20's changes (P0668, P0982):
//
//   release sequence = a store and the RMWs that read from it, one from the
//                      other; later plain stores of its thread are no part
//   hb               = (po ∪ synchronizes-with)+, locks and thread creation too
//   eco              = (rf ∪ mo ∪ rb)+, rb = "reads what the store overwrites"
//   coherence        : hb ; eco? is irreflexive
//   atomicity        : an RMW directly follows in mo what it reads
//   SC               : psc is acyclic, where psc is, between seq_cst accesses E
//                      and seq_cst fences F,
//       E to E       : po ∪ po;hb;po ∪ hb on one object ∪ eco
//       others       : hb ∪ hb?;eco;hb?, hb? being empty at an E's end
//
// That is [atomics.order] of C++20, as a relation. The paper's own psc is a
// little weaker: it has mo ∪ rb for eco, and po;hb;po only where the outer
// steps go to another object; axiomatic.h decides by either, and the litmus
// suite has the cases where they differ.
//
// How it is decided without a graph
// ---------------------------------
// The newest event e has no hb successor, so that new cycles go through an eco
// step out of e: to what comes after e in coherence order of its object. So
// each axiom is a lower bound on e's position in mo, and everything from the
// greatest of them on is allowed:
//   coherence: the latest store that happens before e, or that was read by a
//              read that happens before e;
//   SC:        the latest position of an access to the object that is in psc's
//              past of e (or of a fence that happens before e), or that happens
//              before such a fence. ScFloor() has the details.
// With the last position in mo nothing goes out of e, hence it is always
// allowed: no execution ever gets stuck.
//
// While no atomic operation was weaker than seq_cst, psc contains po, hb, mo
// and rb, so there is an order of execution in which every load reads the
// newest store and every store goes last; the search explores that order too.
// So seq_cst operations without an earlier weak one, in the whole execution,
// have no choice. If there are weak ones elsewhere, an operation with none in
// its po ∪ rf ∪ hb past ("strong") still need not go behind strong stores:
// those events can come first, in the order just named, and all others after
// them.
//
// Thread safety: none.

#ifndef RACELAB_RUNTIMES_MODEL_MEMORY_STORE_HISTORIES_H_
#define RACELAB_RUNTIMES_MODEL_MEMORY_STORE_HISTORIES_H_

#include <cstddef>
#include <cstdint>

#include "runtimes/model/memory/pool.h"
#include "runtimes/model/memory_model.h"
#include "runtimes/model/op.h"
#include "runtimes/model/strategy.h"

namespace racelab::model {

class StoreHistories final : public MemoryModel {
 public:
  // A Decision has so many alternatives at most; of more candidates the newest
  // are offered.
  static constexpr unsigned kMaxCandidates = 255;

  StoreHistories();

  void BeginExecution(int threads, ThreadClocks* clocks,
                      Strategy* strategy) override;
  Value Load(const AtomicAccess& access, ReadInfo* info) override;
  void Store(const AtomicAccess& access, Value value) override;
  Value Rmw(const AtomicAccess& access, Order failure_order,
            RmwFunction function, const void* argument, bool* stored,
            ReadInfo* info) override;
  void Fence(ThreadId thread, Order order) override;

  void Forget(uintptr_t address, size_t size) override;
  void PlainStore(ThreadId thread, uintptr_t address, size_t size) override;

  // store_histories_commutes.cc has the argument.
  bool SeenBehindFence(ThreadId thread, uintptr_t address,
                       ThreadId writer) override;

  Commute Commutes(const PendingOp& a, const PendingOp& b) const override;
  uint64_t CandidateStep(unsigned index) const override;
  bool clipped() const override { return clipped_; }

 private:
  using Index = uint32_t;
  static constexpr Index kNone = ~Index{0};
  static constexpr uint32_t kNever = ~uint32_t{0};

  // A store. Its thread's clock showed `time` at it; 0: the value from before
  // the first atomic access, known to everybody.
  struct StoreRecord {
    Value value;
    uintptr_t pc;
    uint64_t step;
    uint32_t time;
    uint32_t position;  // in its object's mo
    int8_t thread;      // -1: the initial value
    bool rmw;           // an RMW, which read its predecessor in mo
    bool has_message;   // who acquires it learns messages_[…]
    bool strong;        // seq_cst and nothing weak in its past
  };

  // An atomic object.
  struct Object {
    uintptr_t address;
    uint32_t size;
    Index next;   // object in the same granule, or kNone
    Index order;  // into order_pool_: `count` stores in mo
    uint32_t count;
    uint32_t capacity;
    Index last_read;   // into last_read_pool_, by thread: store + 1
    Index last_event;  // the newest one that CatchUp() has seen, or kNone
  };

  // A granule is 16 bytes of memory: no object lies in two.
  struct Slot {
    uintptr_t granule;
    uint64_t execution;
    Index head;  // object, or kNone
  };

  // An access or fence that psc is about. `clock`: into event_clocks_, what
  // happened before it; of an access without what it acquires itself, see
  // ScFloor().
  struct Event {
    uint32_t time;
    Index object;  // kNone: a fence
    Index store;   // stored, or read from
    Index clock;
    Index previous_node;       // seq_cst one by the same thread, or kNone
    Index previous_on_object;  // or kNone
    int8_t thread;
    bool reads_only;
    bool seq_cst;

    bool fence() const { return object == kNone; }
  };

  static bool Acquires(Order order) {
    return order == Order::kAcquire || order == Order::kAcqRel ||
           order == Order::kSeqCst;
  }
  static bool Releases(Order order) {
    return order == Order::kRelease || order == Order::kAcqRel ||
           order == Order::kSeqCst;
  }

  Index* OrderOf(const Object& object) {
    return order_pool_.data() + object.order;
  }
  const Index* OrderOf(const Object& object) const {
    return order_pool_.data() + object.order;
  }
  StoreRecord& StoreAt(const Object& object, uint32_t position) {
    return stores_[OrderOf(object)[position]];
  }
  const StoreRecord& StoreAt(const Object& object, uint32_t position) const {
    return stores_[OrderOf(object)[position]];
  }

  Slot& FindSlot(uintptr_t granule);
  void GrowTable();
  Index FindObject(const AtomicAccess& access);
  Index NewObject(Slot& slot, const AtomicAccess& access);
  void DropOverlaps(Slot& slot, uintptr_t address, size_t size);
  Index NewStore();
  void Insert(Object& object, uint32_t position, Index store);

  uint32_t Tick(ThreadId thread) {
    return static_cast<uint32_t>(++clocks_[thread].current[thread]);
  }
  void NoteWeak(ThreadId thread, uint32_t time);
  bool IsStrong(ThreadId thread, Order order) const;
  bool HappensBefore(const StoreRecord& store, const Timestamp* clock) const {
    return store.time == 0 || store.time <= clock[store.thread];
  }
  bool KnownAt(Index store, const Timestamp* clock) const;
  uint32_t CoherenceFloor(const Object& object, ThreadId thread) const;
  uint32_t StrongFloor(const Object& object, ThreadId thread, Order order,
                       uint32_t floor) const;
  uint32_t ScFloor(Index object, ThreadId thread, Order order, uint32_t floor);
  uint32_t KeyOf(const Event& event) const {
    return 2 * stores_[event.store].position + (event.reads_only ? 1 : 0);
  }
  uint32_t KeyKnownAt(const Object& object, const Timestamp* clock) const;
  uint32_t* PastOf(Index event) {
    return &pasts_[size_t{event} * static_cast<size_t>(threads_)];
  }
  void AddKnown(ThreadId thread, Index object, bool node,
                const Timestamp* clock, uint32_t* past);
  void AddPast(uint32_t* past, Index event);
  void AddEdge(Index from, Index to);
  void CatchUp();

  bool MayFail(const Object& object, RmwFunction function,
               const void* argument) const;
  unsigned Choose(DecisionKind kind, unsigned n, const AtomicAccess& access,
                  OpKind op);
  // The position of the one of the `n` candidates that is read; `only` without
  // a choice.
  uint32_t ChooseCandidate(unsigned n, uint32_t only,
                           const AtomicAccess& access, OpKind op);
  void Acquire(Index store, ThreadId thread, Order order);
  void FinishRead(Index object, Index store, const AtomicAccess& access,
                  Order order, uint32_t time);
  void Place(Index object, uint32_t position, Value value,
             const AtomicAccess& access, uint32_t time, Index read_from,
             Index clock);
  void Describe(const Object& object, Index store, ThreadId thread,
                ReadInfo* info);
  Index RecordClock(const Timestamp* clock);
  void Record(Index object, Index store, ThreadId thread, uint32_t time,
              bool reads_only, bool seq_cst, Index clock);

  int threads_ = 0;
  int last_threads_ = 0;
  ThreadClocks* clocks_ = nullptr;
  ThreadClocks* last_clocks_ = nullptr;
  Strategy* strategy_ = nullptr;
  int active_ = 0;  // 1 + the highest thread that read atomically

  int weak_threads_ = 0;  // those of first_weak_ that may be set
  bool weak_ = false;     // some atomic operation was weaker than seq_cst
  uint32_t first_weak_[kMaxThreads];  // time of a thread's first one, or kNever
  uint32_t fence_clocks_used_ = ~uint32_t{0};  // threads whose two are not zero

  uint32_t release_fenced_ = 0;  // threads that executed a release fence

  uint64_t execution_ = 0;
  bool clipped_ = false;  // there were more than kMaxCandidates
  Pool<Slot> table_;
  uint32_t table_shift_ = 0;
  uint32_t slots_used_ = 0;
  // How far an object may lie before an address that is its own, in the granule
  // before: 0 while no object crosses the border of one.
  uintptr_t reach_ = 0;

  Pool<Object> objects_;
  Pool<Index> order_pool_;
  Pool<Index> last_read_pool_;
  Pool<StoreRecord> stores_;
  Pool<Timestamp> messages_;    // by store, threads_ each
  Pool<uint32_t> first_reads_;  // by store, threads_ each: time, or kNever

  Pool<Event> events_;
  Pool<Timestamp> event_clocks_;
  uint32_t fences_ = 0;  // seq_cst ones among events_
  // By event, threads_ each: psc's past of it, as times. Of the first
  // pasts_.size() / threads_ events.
  Pool<uint32_t> pasts_;
  Index last_node_[kMaxThreads];

  // Of the operation under way: the stores that it may read, newest first.
  Index candidates_[kMaxCandidates];
  unsigned candidate_count_ = 0;
};

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_MEMORY_STORE_HISTORIES_H_
