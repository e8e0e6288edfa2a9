#include "runtimes/model/memory/pool.h"

#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>

namespace racelab::model {
namespace {

[[noreturn]] void OutOfMemory() {
  std::fputs("racelab: no memory left for the memory model\n", stderr);
  std::abort();
}

}  // namespace

void* MapMemory(size_t size) {
  void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) OutOfMemory();
  return memory;
}

void* RemapMemory(void* memory, size_t old_size, size_t new_size) {
  memory = mremap(memory, old_size, new_size, MREMAP_MAYMOVE);
  if (memory == MAP_FAILED) OutOfMemory();
  return memory;
}

void UnmapMemory(void* memory, size_t size) { munmap(memory, size); }

size_t NextSkew() {
  constexpr size_t kLine = 64;
  static size_t next = 0;
  // Odd, in lines: comes by all 64 lines of a page.
  next = (next + 5 * kLine) % 4096;
  return next;
}

}  // namespace racelab::model
