#include "counter.h"

#include <atomic>

namespace museum {
namespace {

std::atomic<int> visitors_today = 0;

}  // namespace

void Admit(int people) { visitors_today = visitors_today + people; }

int VisitorsToday() { return visitors_today; }

}  // namespace museum
