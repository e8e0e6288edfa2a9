#include "visitors.h"

#include <sched.h>
#include <sys/mman.h>

#include <atomic>
#include <new>

struct Visitors {
  std::atomic<int> taken{0};
  long count = 0;
};

Visitors* OpenMuseum() {
  void* page = mmap(nullptr, sizeof(Visitors), PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) throw std::bad_alloc();
  return new (page) Visitors;
}

long Admit(Visitors* visitors) {
  while (visitors->taken.exchange(1, std::memory_order_relaxed) != 0) {
    sched_yield();
  }
  const long number = visitors->count + 1;
  PrintBadge(number);
  visitors->count = number;
  visitors->taken.store(0, std::memory_order_relaxed);
  return number;
}

long Count(Visitors* visitors) {
  while (visitors->taken.exchange(1, std::memory_order_relaxed) != 0) {
    sched_yield();
  }
  const long count = visitors->count;
  visitors->taken.store(0, std::memory_order_relaxed);
  return count;
}

void CloseMuseum(Visitors* visitors) { munmap(visitors, sizeof(Visitors)); }
