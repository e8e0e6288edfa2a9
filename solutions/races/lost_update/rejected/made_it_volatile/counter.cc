#include "counter.h"

namespace museum {
namespace {

volatile int visitors_today = 0;

}  // namespace

void Admit(int people) { visitors_today = visitors_today + people; }

int VisitorsToday() { return visitors_today; }

}  // namespace museum
