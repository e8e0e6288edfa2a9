// StoreHistories::Commutes.

#include <algorithm>

#include "runtimes/model/memory/store_histories.h"

namespace racelab::model {
namespace {

bool Overlap(uintptr_t a, size_t a_size, uintptr_t b, size_t b_size) {
  return a < b + b_size && b < a + a_size;
}

}  // namespace

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
// A read that must take the newest store commutes with no write: with W first,
// it may not read any more what it could read before.
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
  if (a.object != b.object || a.size != b.size || a.newest || b.newest) {
    return Commute::kNo;
  }
  const bool strong = a.order == Order::kSeqCst && b.order == Order::kSeqCst;
  if (b.kind == OpKind::kLoad) return Commute::kIfNotReadFrom;
  if (a.kind == OpKind::kLoad) return strong ? Commute::kNo : Commute::kYes;
  if (a.kind == OpKind::kRmw && b.kind == OpKind::kRmw) return Commute::kNo;
  if (b.kind == OpKind::kRmw) return Commute::kIfNotReadFrom;
  return strong ? Commute::kNo : Commute::kYes;
}

}  // namespace racelab::model
