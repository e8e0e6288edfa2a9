// The happens-before order of one execution, from its event log alone.
//
// Vector clocks (Fidge 1988, Mattern 1989): event i of thread a happens before
// a later event j of thread b iff j's clock knows a's tick at i. Edges: program
// order, thread start and join, unlock → lock, semaphore post → wait, and
// C++20's synchronizes-with of atomics and fences [atomics.order,
// atomics.fences], release sequences being continued by RMWs only.
//
// What the log does not show (once flags, barriers) adds no edge: the order is
// possibly too weak, never too strong.

#ifndef RACELAB_RUNTIMES_MODEL_TRACE_HAPPENS_BEFORE_H_
#define RACELAB_RUNTIMES_MODEL_TRACE_HAPPENS_BEFORE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "runtimes/model/event.h"

namespace racelab::model {

class HappensBefore {
 public:
  enum class Edges {
    kAll,
    kThreads,  // start and join only: what is ordered without synchronization
  };

  HappensBefore(const EventLog& log, Edges edges);

  // Events by index, i < j.
  bool Ordered(size_t i, size_t j) const {
    const int thread = threads_[i];
    return threads_[j] == thread || clocks_[j][thread] >= clocks_[i][thread];
  }

 private:
  using Clock = std::array<uint32_t, kMaxThreads>;
  static void Join(Clock* to, const Clock& from);

  std::vector<uint8_t> threads_;
  std::vector<Clock> clocks_;
};

// Event indices of the accesses (plain and atomic) whose bytes some pair of
// threads touches in conflict, unordered by thread start and join: what the
// threads really share. One flag per event.
std::vector<bool> ContendedAccesses(const EventLog& log);

bool IsAccess(EventKind kind);
bool IsAtomic(EventKind kind);
bool IsWrite(EventKind kind);

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_TRACE_HAPPENS_BEFORE_H_
