// The algebra in which axioms of memory models are written. Testing only.

#ifndef RACELAB_RUNTIMES_MODEL_MEMORY_RELATION_H_
#define RACELAB_RUNTIMES_MODEL_MEMORY_RELATION_H_

#include <bit>
#include <cstdint>
#include <vector>

namespace racelab::model {

// A set of events, and a relation between them as a row per event.
using Set = uint64_t;
inline constexpr int kMaxEvents = 64;

constexpr Set One(int event) { return Set{1} << event; }

struct Relation {
  explicit Relation(int n) : rows(static_cast<size_t>(n)) {}
  int size() const { return static_cast<int>(rows.size()); }
  Set& operator[](int a) { return rows[static_cast<size_t>(a)]; }
  Set operator[](int a) const { return rows[static_cast<size_t>(a)]; }
  bool Has(int a, int b) const { return ((*this)[a] >> b & 1) != 0; }
  void Add(int a, int b) { (*this)[a] |= One(b); }

  std::vector<Set> rows;
};

inline Relation operator|(Relation a, const Relation& b) {
  for (int i = 0; i < a.size(); ++i) a[i] |= b[i];
  return a;
}
// a ; b
inline Relation Then(const Relation& a, const Relation& b) {
  Relation result(a.size());
  for (int i = 0; i < a.size(); ++i) {
    for (Set left = a[i]; left != 0; left &= left - 1) {
      result[i] |= b[std::countr_zero(left)];
    }
  }
  return result;
}
inline Relation Maybe(Relation a) {
  for (int i = 0; i < a.size(); ++i) a.Add(i, i);
  return a;
}
inline Relation Closure(Relation a) {
  for (int k = 0; k < a.size(); ++k) {
    for (int i = 0; i < a.size(); ++i) {
      if (a.Has(i, k)) a[i] |= a[k];
    }
  }
  return a;
}
// [from] ; a ; [to]
inline Relation Between(Set from, Relation a, Set to) {
  for (int i = 0; i < a.size(); ++i) {
    a[i] = (from >> i & 1) != 0 ? a[i] & to : 0;
  }
  return a;
}
inline bool Irreflexive(const Relation& a) {
  for (int i = 0; i < a.size(); ++i) {
    if (a.Has(i, i)) return false;
  }
  return true;
}
inline bool Acyclic(const Relation& a) { return Irreflexive(Closure(a)); }

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_MEMORY_RELATION_H_
