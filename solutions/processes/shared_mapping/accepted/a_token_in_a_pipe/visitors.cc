#include "visitors.h"

#include <sys/mman.h>
#include <unistd.h>

#include <new>

struct Visitors {
  int read_end = -1;
  int write_end = -1;
  long count = 0;  // whoever has read the token may touch it
};

namespace {

void TakeToken(Visitors* visitors) {
  char token;
  while (read(visitors->read_end, &token, 1) != 1) {
  }
}

void GiveBackToken(Visitors* visitors) {
  while (write(visitors->write_end, "t", 1) != 1) {
  }
}

}  // namespace

Visitors* OpenMuseum() {
  void* page = mmap(nullptr, sizeof(Visitors), PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) throw std::bad_alloc();
  auto* visitors = new (page) Visitors;
  int ends[2];
  if (pipe(ends) != 0) throw std::bad_alloc();
  visitors->read_end = ends[0];
  visitors->write_end = ends[1];
  GiveBackToken(visitors);
  return visitors;
}

long Admit(Visitors* visitors) {
  TakeToken(visitors);
  const long number = ++visitors->count;
  PrintBadge(number);
  GiveBackToken(visitors);
  return number;
}

long Count(Visitors* visitors) {
  TakeToken(visitors);
  const long count = visitors->count;
  GiveBackToken(visitors);
  return count;
}

void CloseMuseum(Visitors* visitors) {
  close(visitors->read_end);
  close(visitors->write_end);
  munmap(visitors, sizeof(Visitors));
}
