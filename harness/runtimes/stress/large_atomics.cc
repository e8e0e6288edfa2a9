// Large atomics (common/large_atomics.h) in runner.stress, and those of 16
// bytes as GCC calls them where it does not instrument. Delayed as the small
// ones are in delays.cc, and no weaker than asked.

#include <cstddef>
#include <cstring>

#include "runtimes/common/large_atomics.h"
#include "runtimes/stress/delays.h"

using racelab::runtimes::AtomicLock;

#define HERE ::racelab::stress::DelayAt(__builtin_return_address(0))

bool racelab_atomic_is_lock_free(size_t size, const volatile void* object) {
  return racelab::runtimes::IsLockFree(size, object);
}

void racelab_atomic_load(size_t size, void* object, void* to, int) {
  HERE;
  const AtomicLock lock(object);
  memcpy(to, object, size);
}

void racelab_atomic_store(size_t size, void* object, void* from, int) {
  HERE;
  const AtomicLock lock(object);
  memcpy(object, from, size);
}

void racelab_atomic_exchange(size_t size, void* object, void* from, void* to,
                             int) {
  HERE;
  const AtomicLock lock(object);
  // `to` may be `from`.
  for (size_t i = 0; i < size; ++i) {
    const char seen = static_cast<char*>(object)[i];
    static_cast<char*>(object)[i] = static_cast<const char*>(from)[i];
    static_cast<char*>(to)[i] = seen;
  }
}

bool racelab_atomic_compare_exchange(size_t size, void* object, void* expected,
                                     void* desired, int, int) {
  HERE;
  const AtomicLock lock(object);
  const bool equal = memcmp(object, expected, size) == 0;
  if (equal) {
    memcpy(object, desired, size);
  } else {
    memcpy(expected, object, size);
  }
  return equal;
}

namespace {

__extension__ typedef unsigned __int128 Unsigned128;

// cmpxchg16b; __atomic_compare_exchange_n would be a call of what is below.
template <typename Function>
Unsigned128 Change(Unsigned128* object, const Function& function) {
  Unsigned128 seen = *const_cast<volatile Unsigned128*>(object);
  for (;;) {
    const Unsigned128 found =
        __sync_val_compare_and_swap(object, seen, function(seen));
    if (found == seen) return seen;
    seen = found;
  }
}

}  // namespace

extern "C" {

#define RACELAB_CHANGE_16(name, result)                                       \
  Unsigned128 racelab_atomic_##name##_16(Unsigned128*, Unsigned128, int)      \
      RACELAB_ATOMIC_NAMED(#name "_16");                                      \
  Unsigned128 racelab_atomic_##name##_16(Unsigned128* object,                 \
                                         Unsigned128 value, int) {            \
    HERE;                                                                     \
    return Change(object,                                                     \
                  [value]([[maybe_unused]] Unsigned128 seen) -> Unsigned128 { \
                    return result;                                            \
                  });                                                         \
  }
RACELAB_CHANGE_16(exchange, value)
RACELAB_CHANGE_16(fetch_add, seen + value)
RACELAB_CHANGE_16(fetch_sub, seen - value)
RACELAB_CHANGE_16(fetch_and, seen& value)
RACELAB_CHANGE_16(fetch_or, seen | value)
RACELAB_CHANGE_16(fetch_xor, seen ^ value)
RACELAB_CHANGE_16(fetch_nand, ~(seen& value))
#undef RACELAB_CHANGE_16

Unsigned128 racelab_atomic_load_16(Unsigned128*, int)
    RACELAB_ATOMIC_NAMED("load_16");
void racelab_atomic_store_16(Unsigned128*, Unsigned128, int)
    RACELAB_ATOMIC_NAMED("store_16");
bool racelab_atomic_compare_exchange_16(Unsigned128*, Unsigned128*, Unsigned128,
                                        int, int)
    RACELAB_ATOMIC_NAMED("compare_exchange_16");

Unsigned128 racelab_atomic_load_16(Unsigned128* object, int) {
  HERE;
  return __sync_val_compare_and_swap(object, Unsigned128{0}, Unsigned128{0});
}

void racelab_atomic_store_16(Unsigned128* object, Unsigned128 value, int) {
  HERE;
  Change(object, [value](Unsigned128) { return value; });
}

bool racelab_atomic_compare_exchange_16(Unsigned128* object,
                                        Unsigned128* expected,
                                        Unsigned128 desired, int, int) {
  HERE;
  const Unsigned128 found =
      __sync_val_compare_and_swap(object, *expected, desired);
  const bool equal = found == *expected;
  *expected = found;
  return equal;
}

}  // extern "C"
