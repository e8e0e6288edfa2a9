#include "counter.h"

#include <mutex>

namespace museum {
namespace {

int visitors_today = 0;

}  // namespace

void Admit(int people) {
  std::mutex lock;
  std::lock_guard<std::mutex> guard(lock);
  visitors_today += people;
}

int VisitorsToday() {
  std::mutex lock;
  std::lock_guard<std::mutex> guard(lock);
  return visitors_today;
}

}  // namespace museum
