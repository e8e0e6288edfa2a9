#include "counter.h"

#include <semaphore>

namespace museum {
namespace {

std::binary_semaphore desk(1);  // one permit: whoever holds it may touch…
int visitors_today = 0;         // …this

}  // namespace

void Admit(int people) {
  desk.acquire();
  visitors_today += people;
  desk.release();
}

int VisitorsToday() {
  desk.acquire();
  const int people = visitors_today;
  desk.release();
  return people;
}

}  // namespace museum
