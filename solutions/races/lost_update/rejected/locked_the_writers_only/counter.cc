#include "counter.h"

#include <mutex>

namespace museum {
namespace {

std::mutex lock;
int visitors_today = 0;

}  // namespace

void Admit(int people) {
  std::lock_guard<std::mutex> guard(lock);
  visitors_today += people;
}

// Only reads, so it needs no lock.
int VisitorsToday() { return visitors_today; }

}  // namespace museum
