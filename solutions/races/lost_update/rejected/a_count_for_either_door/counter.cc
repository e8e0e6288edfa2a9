#include "counter.h"

#include <atomic>

namespace museum {
namespace {

// Each door writes its own count only, so that no two disturb each other.
std::atomic<int> people_at[2];

int MyDoor() {
  static std::atomic<int> doors{0};
  thread_local const int door = doors++ % 2;
  return door;
}

}  // namespace

void Admit(int people) {
  std::atomic<int>& mine = people_at[MyDoor()];
  mine = mine + people;
}

int VisitorsToday() { return people_at[0] + people_at[1]; }

}  // namespace museum
