// The allocation functions of the fixture, which record who called as a runner
// does; not a student's file.

#ifndef RACELAB_SYMBOLS_TESTDATA_ALLOCATION_H_
#define RACELAB_SYMBOLS_TESTDATA_ALLOCATION_H_

#include <cstddef>
#include <cstdlib>

using Callback = void (*)(void* address);

inline Callback on_allocation = nullptr;

__attribute__((noinline)) inline void* Allocate(std::size_t size) {
  void* block = std::malloc(size);
  if (on_allocation != nullptr) on_allocation(block);
  return block;
}
void* operator new(std::size_t size) { return Allocate(size); }
void* operator new[](std::size_t size) { return Allocate(size); }
void operator delete(void* block) noexcept { std::free(block); }
void operator delete(void* block, std::size_t) noexcept { std::free(block); }
void operator delete[](void* block) noexcept { std::free(block); }
void operator delete[](void* block, std::size_t) noexcept { std::free(block); }

#endif  // RACELAB_SYMBOLS_TESTDATA_ALLOCATION_H_
