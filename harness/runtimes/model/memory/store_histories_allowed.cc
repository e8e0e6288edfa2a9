// StoreHistories: which stores an operation may read, and where in modification
// order it may store.

#include <algorithm>

#include "runtimes/model/memory/clocks.h"
#include "runtimes/model/memory/store_histories.h"

namespace racelab::model {

void StoreHistories::NoteWeak(ThreadId thread, uint32_t time) {
  weak_ = true;
  first_weak_[thread] = std::min(first_weak_[thread], time);
}

bool StoreHistories::IsStrong(ThreadId thread, Order order) const {
  if (order != Order::kSeqCst) return false;
  if (!weak_) return true;
  const Timestamp* clock = clocks_[thread].current;
  bool weak = false;
  ForEachThread(threads_, [&](int t) { weak |= clock[t] >= first_weak_[t]; });
  return !weak;
}

// The store, or a read of it, happens before whoever has this clock.
bool StoreHistories::KnownAt(Index index, const Timestamp* clock) const {
  if (HappensBefore(stores_[index], clock)) return true;
  const uint32_t* reads = &first_reads_[size_t{index} * threads_];
  bool known = false;
  ForEachThread(active_, [&](int t) { known |= reads[t] <= clock[t]; });
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

}  // namespace racelab::model
