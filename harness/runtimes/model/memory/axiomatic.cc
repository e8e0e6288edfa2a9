#include "runtimes/model/memory/axiomatic.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "runtimes/model/memory/relation.h"

namespace racelab::model {
namespace {

using Kind = LitmusOp::Kind;

struct Event {
  int thread = -1;  // -1: an initial value
  Kind kind = Kind::kPlainWrite;
  int location = -1;
  int mutex = -1;
  bool reads = false;
  bool writes = false;
  bool atomic = false;
  int read = 0;
  int written = 0;
  Order order = Order::kRelaxed;

  bool acquires() const {
    return order == Order::kAcquire || order == Order::kAcqRel ||
           order == Order::kSeqCst;
  }
  bool releases() const {
    return order == Order::kRelease || order == Order::kAcqRel ||
           order == Order::kSeqCst;
  }
};

// What a thread does if its reads return certain values.
struct ThreadTrace {
  std::vector<Event> events;
  std::map<int, int> registers;
};

class Enumerator {
 public:
  Enumerator(const LitmusTest& test, ScAxiom sc) : test_(test), sc_(sc) {}

  LitmusOutcomes Run() {
    FindValues();
    traces_.resize(test_.threads.size());
    for (size_t t = 0; t < test_.threads.size(); ++t) {
      Trace(t, 0, {}, std::vector<int>(test_.registers.size()));
    }
    std::vector<const ThreadTrace*> chosen;
    Combine(chosen);
    return std::move(outcomes_);
  }

 private:
  // Every value that a location may ever hold (an overestimate).
  void FindValues() {
    values_.resize(test_.locations.size());
    std::vector<std::set<int>> registers(test_.registers.size(), {0});
    for (size_t l = 0; l < values_.size(); ++l) {
      values_[l].insert(test_.initial[l]);
    }
    // Each round carries values through one more operation that computes.
    size_t rounds = 1;
    for (const auto& thread : test_.threads) {
      for (const LitmusOp& op : thread) {
        if (op.kind == Kind::kAdd || op.value_register >= 0) ++rounds;
      }
    }
    for (size_t round = 0; round < rounds; ++round) {
      const std::vector<std::set<int>> before = values_;
      for (const auto& thread : test_.threads) {
        for (const LitmusOp& op : thread) {
          if (op.location < 0 || op.kind == Kind::kLock ||
              op.kind == Kind::kUnlock) {
            continue;
          }
          const std::set<int>& old = before[static_cast<size_t>(op.location)];
          std::set<int>& here = values_[static_cast<size_t>(op.location)];
          if (op.reads()) {
            registers[static_cast<size_t>(op.result)].insert(old.begin(),
                                                             old.end());
          }
          if (op.kind == Kind::kLoad || op.kind == Kind::kPlainRead) continue;
          if (op.kind == Kind::kAdd) {
            for (int value : old) here.insert(value + op.value);
          } else if (op.value_register >= 0) {
            const auto& from =
                registers[static_cast<size_t>(op.value_register)];
            here.insert(from.begin(), from.end());
          } else {
            here.insert(op.value);
          }
        }
      }
    }
  }

  void Trace(size_t thread, size_t at, ThreadTrace trace,
             std::vector<int> registers) {
    const std::vector<LitmusOp>& ops = test_.threads[thread];
    while (at < ops.size() && ops[at].condition_register >= 0 &&
           registers[static_cast<size_t>(ops[at].condition_register)] !=
               ops[at].condition_value) {
      ++at;
    }
    if (at == ops.size()) {
      traces_[thread].push_back(std::move(trace));
      return;
    }
    const LitmusOp& op = ops[at];
    Event event;
    event.thread = static_cast<int>(thread);
    event.kind = op.kind;
    event.order = op.order;
    event.atomic = op.atomic();
    if (op.kind == Kind::kLock || op.kind == Kind::kUnlock) {
      event.mutex = op.location;
    } else {
      event.location = op.location;
    }
    const int value = op.value_register < 0
                          ? op.value
                          : registers[static_cast<size_t>(op.value_register)];
    if (!op.reads()) {
      event.writes = op.kind == Kind::kStore || op.kind == Kind::kPlainWrite;
      event.written = value;
      if (!event.atomic && op.kind != Kind::kFence) {
        event.order = Order::kRelaxed;
      }
      trace.events.push_back(event);
      Trace(thread, at + 1, std::move(trace), std::move(registers));
      return;
    }
    for (int read : values_[static_cast<size_t>(op.location)]) {
      Event next = event;
      next.reads = true;
      next.read = read;
      next.writes = op.kind == Kind::kAdd || op.kind == Kind::kExchange ||
                    (op.kind == Kind::kCas && read == op.expected);
      next.written = op.kind == Kind::kAdd ? read + op.value : value;
      if (op.kind == Kind::kCas && !next.writes) next.order = op.failure_order;
      if (!next.atomic) next.order = Order::kRelaxed;
      ThreadTrace more = trace;
      more.events.push_back(next);
      more.registers[op.result] = read;
      std::vector<int> after = registers;
      after[static_cast<size_t>(op.result)] = read;
      Trace(thread, at + 1, std::move(more), std::move(after));
    }
  }

  void Combine(std::vector<const ThreadTrace*>& chosen) {
    if (chosen.size() < traces_.size()) {
      for (const ThreadTrace& trace : traces_[chosen.size()]) {
        chosen.push_back(&trace);
        Combine(chosen);
        chosen.pop_back();
      }
      return;
    }
    events_.clear();
    for (size_t l = 0; l < test_.locations.size(); ++l) {
      Event event;
      event.location = static_cast<int>(l);
      event.writes = true;
      event.written = test_.initial[l];
      events_.push_back(event);
    }
    registers_.assign(test_.registers.size(), 0);
    for (const ThreadTrace* trace : chosen) {
      events_.insert(events_.end(), trace->events.begin(), trace->events.end());
      for (const auto& [reg, value] : trace->registers) {
        registers_[static_cast<size_t>(reg)] = value;
      }
    }
    n_ = static_cast<int>(events_.size());
    if (n_ > kMaxEvents) std::abort();
    rf_.assign(events_.size(), -1);
    ChooseReadsFrom(0);
  }

  void ChooseReadsFrom(int at) {
    while (at < n_ && !E(at).reads) ++at;
    if (at == n_) {
      OrderSections();
      return;
    }
    for (int w = 0; w < n_; ++w) {
      if (w == at || !E(w).writes || E(w).location != E(at).location ||
          E(w).written != E(at).read) {
        continue;
      }
      rf_[static_cast<size_t>(at)] = w;
      ChooseReadsFrom(at + 1);
    }
  }

  const Event& E(int i) const { return events_[static_cast<size_t>(i)]; }

  // All orders of each mutex's critical sections.
  void OrderSections() {
    std::vector<std::vector<std::pair<int, int>>> sections(
        test_.mutexes.size());
    for (int i = 0; i < n_; ++i) {
      if (E(i).kind != Kind::kLock || E(i).mutex < 0) continue;
      int unlock = -1;
      for (int j = i + 1; j < n_ && E(j).thread == E(i).thread; ++j) {
        if (E(j).kind == Kind::kUnlock && E(j).mutex == E(i).mutex) {
          unlock = j;
          break;
        }
      }
      sections[static_cast<size_t>(E(i).mutex)].emplace_back(i, unlock);
    }
    Relation sw(n_);
    OrderSectionsOf(0, sections, sw);
  }

  void OrderSectionsOf(size_t mutex,
                       std::vector<std::vector<std::pair<int, int>>>& sections,
                       const Relation& sw) {
    if (mutex == sections.size()) {
      CheckReads(sw);
      return;
    }
    auto& order = sections[mutex];
    std::sort(order.begin(), order.end());
    do {
      Relation more = sw;
      bool possible = true;
      for (size_t i = 0; i + 1 < order.size(); ++i) {
        possible &= order[i].second >= 0;
        if (possible) more.Add(order[i].second, order[i + 1].first);
      }
      if (possible) OrderSectionsOf(mutex + 1, sections, more);
    } while (std::next_permutation(order.begin(), order.end()));
    std::sort(order.begin(), order.end());
  }

  // Happens-before, which does not depend on mo.
  void CheckReads(const Relation& lock_order) {
    Relation sb(n_);
    for (int i = 0; i < n_; ++i) {
      for (int j = 0; j < n_; ++j) {
        const bool initial = E(i).thread < 0 && E(j).thread >= 0;
        if (initial ||
            (E(i).thread >= 0 && E(i).thread == E(j).thread && i < j)) {
          sb.Add(i, j);
        }
      }
    }
    Relation rf(n_), rmw_chain(n_), sw = lock_order;
    for (int r = 0; r < n_; ++r) {
      if (!E(r).reads) continue;
      rf.Add(rf_[static_cast<size_t>(r)], r);
      if (E(r).writes) rmw_chain.Add(rf_[static_cast<size_t>(r)], r);
    }
    if (!Acyclic(sb | rf | lock_order)) return;
    rmw_chain = Maybe(Closure(rmw_chain));
    for (int w = 0; w < n_; ++w) {
      if (!E(w).writes || !E(w).atomic) continue;
      // What releases through w: itself, and fences before it.
      Set sources = E(w).releases() ? One(w) : 0;
      for (int f = 0; f < n_; ++f) {
        if (E(f).kind == Kind::kFence && E(f).releases() && sb.Has(f, w)) {
          sources |= One(f);
        }
      }
      if (sources == 0) continue;
      for (Set chain = rmw_chain[w]; chain != 0; chain &= chain - 1) {
        const int last = std::countr_zero(chain);
        for (Set readers = rf[last]; readers != 0; readers &= readers - 1) {
          const int r = std::countr_zero(readers);
          if (!E(r).atomic) continue;
          Set targets = E(r).acquires() ? One(r) : 0;
          for (int f = 0; f < n_; ++f) {
            if (E(f).kind == Kind::kFence && E(f).acquires() && sb.Has(r, f)) {
              targets |= One(f);
            }
          }
          for (Set from = sources; from != 0; from &= from - 1) {
            sw[std::countr_zero(from)] |= targets;
          }
        }
      }
    }
    const Relation hb = Closure(sb | sw);
    if (!Irreflexive(hb)) return;
    std::vector<std::vector<std::vector<int>>> orders;
    for (size_t l = 0; l < test_.locations.size(); ++l) {
      orders.push_back(ModificationOrders(static_cast<int>(l), hb, rf));
      if (orders.back().empty()) return;
    }
    std::vector<size_t> pick(orders.size());
    for (;;) {
      Relation eco(n_);
      Relation mo(n_), rb(n_);
      std::vector<int> last;
      for (size_t l = 0; l < orders.size(); ++l) {
        const std::vector<int>& order = orders[l][pick[l]];
        AddOrder(order, mo, rb);
        last.push_back(E(order.back()).written);
      }
      eco = Closure(rf | mo | rb);
      if (SeqCst(sb, sw, hb, mo, rb, eco)) Accept(hb, last);
      size_t l = 0;
      while (l < pick.size() && ++pick[l] == orders[l].size()) pick[l++] = 0;
      if (l == pick.size()) return;
    }
  }

  void AddOrder(const std::vector<int>& order, Relation& mo,
                Relation& rb) const {
    for (size_t i = 0; i < order.size(); ++i) {
      for (size_t j = i + 1; j < order.size(); ++j) {
        mo.Add(order[i], order[j]);
        for (int r = 0; r < n_; ++r) {
          if (E(r).reads && rf_[static_cast<size_t>(r)] == order[i] &&
              r != order[j]) {
            rb.Add(r, order[j]);
          }
        }
      }
    }
  }

  // The location's modification orders that are coherent and atomic.
  std::vector<std::vector<int>> ModificationOrders(int location,
                                                   const Relation& hb,
                                                   const Relation& rf) const {
    std::vector<int> order;
    for (int w = 0; w < n_; ++w) {
      if (E(w).writes && E(w).location == location) order.push_back(w);
    }
    std::vector<std::vector<int>> result;
    do {  // the initial value, event `location`, stays first
      Relation mo(n_), rb(n_);
      AddOrder(order, mo, rb);
      const Relation eco =
          Closure(Between(LocationSet(location), rf, ~Set{0}) | mo | rb);
      if (!Irreflexive(eco) || !Irreflexive(Then(hb, eco))) continue;
      // rmw ∩ (rb ; mo) = ∅: nothing between an RMW and what it read.
      bool atomic = true;
      for (size_t i = 0; i < order.size(); ++i) {
        if (!E(order[i]).reads) continue;
        atomic &= i > 0 && rf_[static_cast<size_t>(order[i])] == order[i - 1];
      }
      if (atomic) result.push_back(order);
    } while (std::next_permutation(order.begin() + 1, order.end()));
    return result;
  }

  Set LocationSet(int location) const {
    Set set = 0;
    for (int i = 0; i < n_; ++i) {
      if (E(i).location == location) set |= One(i);
    }
    return set;
  }

  bool SeqCst(const Relation& sb, const Relation& sw, const Relation& hb,
              const Relation& mo, const Relation& rb,
              const Relation& eco) const {
    Set accesses = 0, fences = 0;
    for (int i = 0; i < n_; ++i) {
      if (E(i).order != Order::kSeqCst) continue;
      if (E(i).atomic) accesses |= One(i);
      if (E(i).kind == Kind::kFence) fences |= One(i);
    }
    if ((accesses | fences) == 0) return true;
    const Relation sb_hb_sb = Then(Then(sb, hb), sb);
    Relation hb_loc(n_), sb_not_loc(n_);
    for (int i = 0; i < n_; ++i) {
      for (int j = 0; j < n_; ++j) {
        const bool same = E(i).location >= 0 && E(i).location == E(j).location;
        if (hb.Has(i, j) && same) hb_loc.Add(i, j);
        if (sb.Has(i, j) && !same) sb_not_loc.Add(i, j);
      }
    }
    const Relation rc11_scb =
        sb | Then(Then(sb_not_loc, hb), sb_not_loc) | hb_loc | mo | rb;
    const Relation hb_eco_hb = Then(Then(hb, eco), hb);
    // S of C++20, as a relation that must be acyclic.
    const Set all = accesses | fences;
    const Relation strong = Closure(sb | Between(all, sw, all) | sb_hb_sb);
    const Relation s = Between(all, strong, all) |
                       Between(accesses, eco, accesses) |
                       Between(accesses, Then(eco, hb), fences) |
                       Between(fences, Then(hb, eco), accesses) |
                       Between(fences, hb_eco_hb, fences);
    const Relation psc = Psc(accesses, fences, hb, eco, rc11_scb);
    const Relation union_scb = rc11_scb | sb_hb_sb | eco;
    switch (sc_) {
      case ScAxiom::kCxx20:
        return Acyclic(s);
      case ScAxiom::kRc11:
        return Acyclic(psc);
      case ScAxiom::kRacelab:
        break;
    }
    return Acyclic(s | psc | Psc(accesses, fences, hb, eco, union_scb));
  }

  // psc_base ∪ psc_F.
  Relation Psc(Set accesses, Set fences, const Relation& hb,
               const Relation& eco, const Relation& scb) const {
    Relation identity(n_);
    identity = Maybe(identity);
    const Relation maybe_hb = Maybe(hb);
    const Relation head = Between(accesses, identity, accesses) |
                          Between(fences, maybe_hb, ~Set{0});
    const Relation tail = Between(accesses, identity, accesses) |
                          Between(~Set{0}, maybe_hb, fences);
    return Then(Then(head, scb), tail) |
           Between(fences, hb | Then(Then(hb, eco), hb), fences);
  }

  void Accept(const Relation& hb, const std::vector<int>& last) {
    LitmusOutcome outcome;
    for (int i = 0; i < n_ && !outcome.race; ++i) {
      for (int j = 0; j < n_; ++j) {
        if (i != j && E(i).location >= 0 && E(i).location == E(j).location &&
            (E(i).writes || E(j).writes) && !(E(i).atomic && E(j).atomic) &&
            E(i).thread >= 0 && E(j).thread >= 0 && !hb.Has(i, j) &&
            !hb.Has(j, i)) {
          outcome.race = true;
        }
      }
    }
    if (!outcome.race) {
      outcome.registers = registers_;
      outcome.locations = last;
    }
    outcomes_.insert(std::move(outcome));
  }

  const LitmusTest& test_;
  const ScAxiom sc_;
  std::vector<std::set<int>> values_;
  std::vector<std::vector<ThreadTrace>> traces_;
  LitmusOutcomes outcomes_;

  // Of the candidate at hand.
  std::vector<Event> events_;
  std::vector<int> registers_;
  std::vector<int> rf_;  // by event: the write that it reads from
  int n_ = 0;
};

}  // namespace

LitmusOutcomes Enumerate(const LitmusTest& test, ScAxiom sc) {
  return Enumerator(test, sc).Run();
}

}  // namespace racelab::model
