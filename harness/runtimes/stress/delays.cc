#include "runtimes/stress/delays.h"

#include <string.h>
#include <sys/syscall.h>
#include <time.h>

#include <atomic>

#include "runtimes/common/raw_syscall.h"

namespace racelab::stress {
namespace {

// Written while one thread runs, read by the threads created afterwards.
DelayMode mode = DelayMode::kNone;
uint32_t round_seed = 1;

struct ThreadState {
  uint32_t round = 0;
  uint32_t random = 1;
  uint32_t delays_left = 0;
};
thread_local ThreadState state;
std::atomic<uint32_t> thread_numbers{1};

uint32_t Random() {
  // xorshift32: Marsaglia, "Xorshift RNGs", 2003.
  uint32_t x = state.random;
  x ^= x << 13;
  x ^= x >> 17;
  x ^= x << 5;
  return state.random = x;
}

void Spin(uint32_t turns) {
  for (uint32_t i = 0; i < turns; ++i) __builtin_ia32_pause();
}

void SlowDelay(uintptr_t place) {
  if (state.round != round_seed) {
    state.round = round_seed;
    state.random =
        (round_seed * 2654435761u) ^
        (thread_numbers.fetch_add(1, std::memory_order_relaxed) * 40503u);
    if (state.random == 0) state.random = 1;
    state.delays_left = 4;
  }
  switch (mode) {
    case DelayMode::kNone:
      break;
    case DelayMode::kDense:
      if ((Random() & 7) == 0) Spin(Random() & 31);
      break;
    case DelayMode::kSparse: {
      const uint32_t drawn = Random();
      if ((drawn & 255) == 0) {
        if (drawn & 256) {
          runtimes::RawSyscall(SYS_sched_yield);
        } else {
          Spin((drawn >> 10) & 1023);
        }
      }
      break;
    }
    case DelayMode::kPlaces:
      if (state.delays_left != 0 &&
          ((static_cast<uint32_t>(place) ^ round_seed) * 2654435761u >> 28) ==
              0) {
        --state.delays_left;
        const uint32_t drawn = Random();
        if (drawn & 1) {
          Spin(200 + ((drawn >> 8) & 2047));
        } else if (drawn & 2) {
          runtimes::RawSyscall(SYS_sched_yield);
        } else {
          // Asleep, so that others run even where there is one processor.
          const timespec pause = {0, static_cast<long>((drawn >> 8) % 50000)};
          runtimes::RawSyscall(SYS_nanosleep, reinterpret_cast<long>(&pause));
        }
      }
      break;
  }
}

inline void Delay(void* place) {
  if (mode != DelayMode::kNone) SlowDelay(reinterpret_cast<uintptr_t>(place));
}

}  // namespace

void StartDelays(DelayMode new_mode, uint32_t seed) {
  mode = new_mode;
  round_seed = seed == 0 ? 1 : seed;
}

void DelayAt(void* place) { Delay(place); }

}  // namespace racelab::stress

#define HERE ::racelab::stress::Delay(__builtin_return_address(0))

// What compilers emit under -fsanitize=thread. Orders are not weakened: what
// the hardware does with seq_cst is allowed by every weaker one.
extern "C" {

void __tsan_init() {}
void __tsan_func_entry(void*) {}
void __tsan_func_exit() {}
void __tsan_ignore_thread_begin() {}
void __tsan_ignore_thread_end() {}
void __tsan_vptr_read(void**) { HERE; }
void __tsan_vptr_update(void**, void*) { HERE; }
void __tsan_read_range(void*, unsigned long) { HERE; }
void __tsan_write_range(void*, unsigned long) { HERE; }

#define ACCESS(n)                                         \
  void __tsan_read##n(void*) { HERE; }                    \
  void __tsan_write##n(void*) { HERE; }                   \
  void __tsan_read##n##_pc(void*, void*) { HERE; }        \
  void __tsan_write##n##_pc(void*, void*) { HERE; }       \
  void __tsan_read_write##n(void*) { HERE; }              \
  void __tsan_unaligned_read##n(void*) { HERE; }          \
  void __tsan_unaligned_write##n(void*) { HERE; }         \
  void __tsan_unaligned_read_write##n(void*) { HERE; }    \
  void __tsan_volatile_read##n(void*) { HERE; }           \
  void __tsan_volatile_write##n(void*) { HERE; }          \
  void __tsan_unaligned_volatile_read##n(void*) { HERE; } \
  void __tsan_unaligned_volatile_write##n(void*) { HERE; }
ACCESS(1)
ACCESS(2)
ACCESS(4)
ACCESS(8)
ACCESS(16)
#undef ACCESS

// What headers call that describe their locks to ThreadSanitizer (absl::Mutex
// does): nothing to do here.
void __tsan_acquire(void*) {}
void __tsan_release(void*) {}
void __tsan_mutex_create(void*, unsigned) {}
void __tsan_mutex_destroy(void*, unsigned) {}
void __tsan_mutex_pre_lock(void*, unsigned) {}
void __tsan_mutex_post_lock(void*, unsigned, int) {}
int __tsan_mutex_pre_unlock(void*, unsigned) { return 0; }
void __tsan_mutex_post_unlock(void*, unsigned) {}
void __tsan_mutex_pre_signal(void*, unsigned) {}
void __tsan_mutex_post_signal(void*, unsigned) {}
void __tsan_mutex_pre_divert(void*, unsigned) {}
void __tsan_mutex_post_divert(void*, unsigned) {}

void* __tsan_memcpy(void* to, const void* from, unsigned long size) {
  HERE;
  return memcpy(to, from, size);
}
void* __tsan_memmove(void* to, const void* from, unsigned long size) {
  HERE;
  return memmove(to, from, size);
}
void* __tsan_memset(void* to, int value, unsigned long size) {
  HERE;
  return memset(to, value, size);
}

void __tsan_atomic_thread_fence(int) {
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
  HERE;
}
void __tsan_atomic_signal_fence(int) {
  __atomic_signal_fence(__ATOMIC_SEQ_CST);
}

#define FETCH(bits, type, name, builtin)                             \
  type __tsan_atomic##bits##_##name(volatile type* a, type v, int) { \
    HERE;                                                            \
    return builtin(a, v, __ATOMIC_SEQ_CST);                          \
  }
#define ATOMIC(bits, type)                                                     \
  type __tsan_atomic##bits##_load(const volatile type* a, int) {               \
    HERE;                                                                      \
    return __atomic_load_n(const_cast<volatile type*>(a), __ATOMIC_SEQ_CST);   \
  }                                                                            \
  void __tsan_atomic##bits##_store(volatile type* a, type v, int order) {      \
    HERE;                                                                      \
    /* Stronger than asked would hide store buffering. */                      \
    if (order == __ATOMIC_SEQ_CST) {                                           \
      __atomic_store_n(a, v, __ATOMIC_SEQ_CST);                                \
    } else {                                                                   \
      __atomic_store_n(a, v, __ATOMIC_RELEASE);                                \
    }                                                                          \
  }                                                                            \
  FETCH(bits, type, exchange, __atomic_exchange_n)                             \
  FETCH(bits, type, fetch_add, __atomic_fetch_add)                             \
  FETCH(bits, type, fetch_sub, __atomic_fetch_sub)                             \
  FETCH(bits, type, fetch_and, __atomic_fetch_and)                             \
  FETCH(bits, type, fetch_or, __atomic_fetch_or)                               \
  FETCH(bits, type, fetch_xor, __atomic_fetch_xor)                             \
  FETCH(bits, type, fetch_nand, __atomic_fetch_nand)                           \
  int __tsan_atomic##bits##_compare_exchange_strong(                           \
      volatile type* a, type* expected, type v, int, int) {                    \
    HERE;                                                                      \
    return __atomic_compare_exchange_n(a, expected, v, false,                  \
                                       __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);    \
  }                                                                            \
  int __tsan_atomic##bits##_compare_exchange_weak(                             \
      volatile type* a, type* expected, type v, int, int) {                    \
    HERE;                                                                      \
    return __atomic_compare_exchange_n(a, expected, v, true, __ATOMIC_SEQ_CST, \
                                       __ATOMIC_SEQ_CST);                      \
  }                                                                            \
  type __tsan_atomic##bits##_compare_exchange_val(                             \
      volatile type* a, type expected, type v, int, int) {                     \
    HERE;                                                                      \
    __atomic_compare_exchange_n(a, &expected, v, false, __ATOMIC_SEQ_CST,      \
                                __ATOMIC_SEQ_CST);                             \
    return expected;                                                           \
  }
ATOMIC(8, unsigned char)
ATOMIC(16, unsigned short)
ATOMIC(32, unsigned int)
ATOMIC(64, unsigned long)
__extension__ typedef unsigned __int128 Unsigned128;
ATOMIC(128, Unsigned128)
#undef ATOMIC
#undef FETCH

}  // extern "C"
