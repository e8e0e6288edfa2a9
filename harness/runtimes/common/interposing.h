// For files that stand before functions of a library which nobody instrumented,
// and tell the engine's __tsan_* what those do for the program.
//
// Thread safety: everything here may be used from any thread.

#ifndef RACELAB_RUNTIMES_COMMON_INTERPOSING_H_
#define RACELAB_RUNTIMES_COMMON_INTERPOSING_H_

#include <dlfcn.h>

#include <atomic>
#include <cstdint>

#include "runtimes/common/module.h"

extern "C" {
void __tsan_read4_pc(void* address, void* pc);
void __tsan_read8_pc(void* address, void* pc);
void __tsan_write4_pc(void* address, void* pc);
void __tsan_write8_pc(void* address, void* pc);
}

// A runner's symbols stand before the library's: a function declared with
// RACELAB_NAMED("_ZNSolsEi") is called in place of the library's
// std::ostream::operator<<(int). RACELAB_PC, inside it: where from.
#define RACELAB_PC __builtin_return_address(0)
#define RACELAB_NAMED(name) asm(name) __attribute__((visibility("default")))

namespace racelab::runtimes {

// What the library itself has under a name.
template <typename Function>
class Library {
 public:
  explicit constexpr Library(const char* name) : name_(name) {}
  Function* get() {
    // Relaxed: dlsym gives everybody the same address.
    Function* found = found_.load(std::memory_order_relaxed);
    if (found == nullptr) {
      found = reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name_));
      found_.store(found, std::memory_order_relaxed);
    }
    return found;
  }

 private:
  const char* const name_;
  std::atomic<Function*> found_{nullptr};
};

// Tells of reads and writes in the name of the call's place in the program.
class Teller {
 public:
  explicit Teller(void* pc)
      : pc_(pc), on_(InLoadedModule(reinterpret_cast<uintptr_t>(pc))) {}
  // False: the call is not the program's, and nothing is to be told.
  bool on() const { return on_; }

  // Words of 8 bytes and of 4.
  void Read(const void* word) const {
    __tsan_read8_pc(const_cast<void*>(word), pc_);
  }
  void ReadHalf(const void* word) const {
    __tsan_read4_pc(const_cast<void*>(word), pc_);
  }
  void Wrote(void* word) const { __tsan_write8_pc(word, pc_); }
  void WroteHalf(void* word) const { __tsan_write4_pc(word, pc_); }

 private:
  void* const pc_;
  const bool on_;
};

}  // namespace racelab::runtimes

#endif  // RACELAB_RUNTIMES_COMMON_INTERPOSING_H_
