#include "counter.h"

#include <mutex>

namespace museum {
namespace {

std::mutex lock;
int visitors_today = 0;  // guarded by lock

}  // namespace

void Admit(int people) {
  std::lock_guard<std::mutex> guard(lock);
  visitors_today += people;
}

int VisitorsToday() {
  std::lock_guard<std::mutex> guard(lock);
  return visitors_today;
}

}  // namespace museum
