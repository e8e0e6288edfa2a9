#include "visitors.h"

#include <sys/mman.h>

#include <atomic>
#include <new>

struct Visitors {
  std::atomic<long> count{0};
};

Visitors* OpenMuseum() {
  void* page = mmap(nullptr, sizeof(Visitors), PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) throw std::bad_alloc();
  return new (page) Visitors;
}

long Admit(Visitors* visitors) {
  const long number = visitors->count.load() + 1;
  PrintBadge(number);
  visitors->count.store(number);
  return number;
}

long Count(Visitors* visitors) { return visitors->count.load(); }

void CloseMuseum(Visitors* visitors) { munmap(visitors, sizeof(Visitors)); }
