#include "visitors.h"

#include <sys/mman.h>

#include <atomic>
#include <new>

struct Visitors {
  // Lock-free, so it works between processes: no lock is hidden anywhere.
  std::atomic<long> count{0};
  static_assert(std::atomic<long>::is_always_lock_free);
};

Visitors* OpenMuseum() {
  void* page = mmap(nullptr, sizeof(Visitors), PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) throw std::bad_alloc();
  return new (page) Visitors;
}

long Admit(Visitors* visitors) {
  visitors->count.fetch_add(1);
  const long number = visitors->count.load();
  PrintBadge(number);
  return number;
}

long Count(Visitors* visitors) { return visitors->count.load(); }

void CloseMuseum(Visitors* visitors) { munmap(visitors, sizeof(Visitors)); }
