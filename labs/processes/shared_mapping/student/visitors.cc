#include "visitors.h"

#include <sys/mman.h>

#include <mutex>
#include <new>

struct Visitors {
  long count = 0;
};

// TODO: there are two badges with the number 17.
namespace {
std::mutex door_mutex;
}  // namespace

Visitors* OpenMuseum() {
  void* page = mmap(nullptr, sizeof(Visitors), PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) throw std::bad_alloc();
  return new (page) Visitors;
}

long Admit(Visitors* visitors) {
  std::lock_guard<std::mutex> lock(door_mutex);
  const long number = visitors->count + 1;
  PrintBadge(number);
  visitors->count = number;
  return number;
}

long Count(Visitors* visitors) {
  std::lock_guard<std::mutex> lock(door_mutex);
  return visitors->count;
}

void CloseMuseum(Visitors* visitors) { munmap(visitors, sizeof(Visitors)); }
