#include "counter.h"

#include <atomic>

namespace museum {
namespace {

std::atomic<int> visitors_today = 0;

}  // namespace

void Admit(int people) {
  // Relaxed: the counter publishes nothing but itself. A failed exchange loads
  // the newer value into `seen`.
  int seen = visitors_today.load(std::memory_order_relaxed);
  while (!visitors_today.compare_exchange_weak(seen, seen + people,
                                               std::memory_order_relaxed)) {
  }
}

int VisitorsToday() { return visitors_today.load(std::memory_order_relaxed); }

}  // namespace museum
