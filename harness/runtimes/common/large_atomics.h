// Atomics that the processor has no instruction for, such as a std::atomic of a
// struct of 12 bytes: compilers call functions for them, which are libatomic's
// elsewhere and the runners' own here (tsan/large_atomics.cc,
// stress/large_atomics.cc, model/bridge/large_atomics.cc).
//
// The model's memory knows them like any other. With real threads each
// operation is carried out under an AtomicLock, which no runner sees: it is no
// pthread_mutex_t.
//
// Not for signal handlers, nor between processes: as libatomic's.
//
// Thread safety: everything here may be used from any thread.

#ifndef RACELAB_RUNTIMES_COMMON_LARGE_ATOMICS_H_
#define RACELAB_RUNTIMES_COMMON_LARGE_ATOMICS_H_

#include <sys/syscall.h>

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "runtimes/common/raw_syscall.h"

// The functions by the names that compilers know, under which no compiler lets
// them be defined. What they are is in GCC's wiki, Atomic/GCCMM/LIbrary.
#define RACELAB_ATOMIC_NAMED(name) \
  asm("__atomic_" name) __attribute__((visibility("default")))

extern "C" {
bool racelab_atomic_is_lock_free(size_t size, const volatile void* object)
    RACELAB_ATOMIC_NAMED("is_lock_free");
void racelab_atomic_load(size_t size, void* object, void* to, int order)
    RACELAB_ATOMIC_NAMED("load");
void racelab_atomic_store(size_t size, void* object, void* from, int order)
    RACELAB_ATOMIC_NAMED("store");
void racelab_atomic_exchange(size_t size, void* object, void* from, void* to,
                             int order) RACELAB_ATOMIC_NAMED("exchange");
bool racelab_atomic_compare_exchange(size_t size, void* object, void* expected,
                                     void* desired, int success, int failure)
    RACELAB_ATOMIC_NAMED("compare_exchange");
}

namespace racelab::runtimes {

// Held while it lives. Takes no other lock.
class AtomicLock {
 public:
  explicit AtomicLock(const void* object)
      : taken_(
            locks_[reinterpret_cast<uintptr_t>(object) / 16 % kLocks].taken) {
    // Acquire: sees what the last holder did.
    while (taken_.exchange(true, std::memory_order_acquire)) {
      RawSyscall(SYS_sched_yield);
    }
  }
  // Sequentially consistent: what was stored here is seen before the thread
  // reads another atomic.
  ~AtomicLock() { taken_.store(false, std::memory_order_seq_cst); }
  AtomicLock(const AtomicLock&) = delete;
  AtomicLock& operator=(const AtomicLock&) = delete;

 private:
  static constexpr size_t kLocks = 64;
  struct alignas(64) Lock {
    std::atomic<bool> taken;  // false: nobody has
  };
  static inline constinit Lock locks_[kLocks];

  std::atomic<bool>& taken_;
};

// Of the atomics that the compilers have instructions or calls of their own
// for.
inline bool IsLockFree(size_t size, const volatile void* object) {
  return size <= 16 && (size & (size - 1)) == 0 && size != 0 &&
         reinterpret_cast<uintptr_t>(object) % size == 0;
}

}  // namespace racelab::runtimes

#endif  // RACELAB_RUNTIMES_COMMON_LARGE_ATOMICS_H_
