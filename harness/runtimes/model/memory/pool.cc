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

}  // namespace racelab::model
