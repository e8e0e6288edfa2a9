#include "runtimes/tsan/fences.h"

#include <link.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "runtimes/common/relocations.h"

namespace {

constexpr int kRemembered = 64;

struct Fenced {
  bool released = false;  // there was a release fence
  int count = 0;
  volatile void* read[kRemembered] = {};  // and not acquired from
};
thread_local constinit Fenced fenced;

int Base(int order) { return order & 0x7fff; }  // without lock elision's hints

bool Acquires(int order) {
  return Base(order) != __ATOMIC_RELAXED && Base(order) != __ATOMIC_RELEASE;
}
bool Releases(int order) {
  return Base(order) == __ATOMIC_RELEASE || Base(order) == __ATOMIC_ACQ_REL ||
         Base(order) == __ATOMIC_SEQ_CST;
}

// Returns the order to give to libtsan.
int Reading(const volatile void* object, int order) {
  if (Acquires(order)) return order;
  for (int i = 0; i < fenced.count; ++i) {
    if (fenced.read[i] == object) return order;
  }
  if (fenced.count == kRemembered) {
    return Releases(order) ? __ATOMIC_ACQ_REL : __ATOMIC_ACQUIRE;
  }
  fenced.read[fenced.count++] = const_cast<volatile void*>(object);
  return order;
}
int Storing(int order) {
  if (!fenced.released || Releases(order)) return order;
  return Acquires(order) ? __ATOMIC_ACQ_REL : __ATOMIC_RELEASE;
}

}  // namespace

// Called as the last thing, so that reports name the program's line.
#ifdef __clang__
#define RACELAB_TAIL [[clang::musttail]]
#else
#define RACELAB_TAIL
#endif

#define RACELAB_FENCED_RMW(bits, type, name)                               \
  extern "C" type __tsan_atomic##bits##_##name(volatile type*, type, int); \
  static type Fenced##bits##_##name(volatile type* object, type value,     \
                                    int order) {                           \
    RACELAB_TAIL return __tsan_atomic##bits##_##name(                      \
        object, value, Storing(Reading(object, order)));                   \
  }
#define RACELAB_FENCED_EXCHANGE(bits, type, name)                            \
  extern "C" int __tsan_atomic##bits##_##name(volatile type*, type*, type,   \
                                              int, int);                     \
  static int Fenced##bits##_##name(volatile type* object, type* expected,    \
                                   type desired, int order, int otherwise) { \
    RACELAB_TAIL return __tsan_atomic##bits##_##name(                        \
        object, expected, desired, Storing(Reading(object, order)),          \
        Reading(object, otherwise));                                         \
  }
#define RACELAB_FENCED(bits, type)                                             \
  extern "C" type __tsan_atomic##bits##_load(const volatile type*, int);       \
  extern "C" void __tsan_atomic##bits##_store(volatile type*, type, int);      \
  extern "C" type __tsan_atomic##bits##_compare_exchange_val(                  \
      volatile type*, type, type, int, int);                                   \
  static type Fenced##bits##_load(const volatile type* object, int order) {    \
    RACELAB_TAIL return __tsan_atomic##bits##_load(object,                     \
                                                   Reading(object, order));    \
  }                                                                            \
  static void Fenced##bits##_store(volatile type* object, type value,          \
                                   int order) {                                \
    RACELAB_TAIL return __tsan_atomic##bits##_store(object, value,             \
                                                    Storing(order));           \
  }                                                                            \
  static type Fenced##bits##_compare_exchange_val(volatile type* object,       \
                                                  type expected, type desired, \
                                                  int order, int otherwise) {  \
    RACELAB_TAIL return __tsan_atomic##bits##_compare_exchange_val(            \
        object, expected, desired, Storing(Reading(object, order)),            \
        Reading(object, otherwise));                                           \
  }                                                                            \
  RACELAB_FENCED_RMW(bits, type, exchange)                                     \
  RACELAB_FENCED_RMW(bits, type, fetch_add)                                    \
  RACELAB_FENCED_RMW(bits, type, fetch_sub)                                    \
  RACELAB_FENCED_RMW(bits, type, fetch_and)                                    \
  RACELAB_FENCED_RMW(bits, type, fetch_or)                                     \
  RACELAB_FENCED_RMW(bits, type, fetch_xor)                                    \
  RACELAB_FENCED_RMW(bits, type, fetch_nand)                                   \
  RACELAB_FENCED_EXCHANGE(bits, type, compare_exchange_strong)                 \
  RACELAB_FENCED_EXCHANGE(bits, type, compare_exchange_weak)

RACELAB_FENCED(8, uint8_t)
RACELAB_FENCED(16, uint16_t)
RACELAB_FENCED(32, uint32_t)
RACELAB_FENCED(64, uint64_t)
__extension__ typedef unsigned __int128 racelab_uint128;
RACELAB_FENCED(128, racelab_uint128)

extern "C" {
void __tsan_acquire(void* address);
void __tsan_atomic_thread_fence(int order);
}

namespace racelab::tsan {
namespace {

void Fence(int order) {
  if (Acquires(order)) {
    // Asks libtsan what was released there, and reads nothing: it may be freed.
    for (int i = 0; i < fenced.count; ++i) {
      __tsan_acquire(const_cast<void*>(fenced.read[i]));
    }
    fenced.count = 0;
  }
  if (Releases(order)) fenced.released = true;
  __tsan_atomic_thread_fence(order);
}

struct Replacement {
  const char* name;
  uintptr_t function;
};

#define RACELAB_REPLACED(bits, name) \
  {"__tsan_atomic" #bits "_" #name,  \
   reinterpret_cast<uintptr_t>(&Fenced##bits##_##name)}
#define RACELAB_ALL_REPLACED(bits)                                          \
  RACELAB_REPLACED(bits, load), RACELAB_REPLACED(bits, store),              \
      RACELAB_REPLACED(bits, exchange), RACELAB_REPLACED(bits, fetch_add),  \
      RACELAB_REPLACED(bits, fetch_sub), RACELAB_REPLACED(bits, fetch_and), \
      RACELAB_REPLACED(bits, fetch_or), RACELAB_REPLACED(bits, fetch_xor),  \
      RACELAB_REPLACED(bits, fetch_nand),                                   \
      RACELAB_REPLACED(bits, compare_exchange_val),                         \
      RACELAB_REPLACED(bits, compare_exchange_strong),                      \
      RACELAB_REPLACED(bits, compare_exchange_weak)

constexpr char kFence[] = "__tsan_atomic_thread_fence";

// Set before the module's threads start.
bool following = false;

}  // namespace

int OrderOfRead(const volatile void* object, int order) {
  return following ? Reading(object, order) : order;
}
int OrderOfStore(int order) { return following ? Storing(order) : order; }
int OrderOfChange(const volatile void* object, int order) {
  return OrderOfStore(OrderOfRead(object, order));
}

void FollowFences(const std::string& module) {
  const link_map* const object = runtimes::LoadedObject(module);
  if (object == nullptr) return;
  bool fences = false;
  runtimes::ForEachRelocation(*object,
                              [&](const char* name, const ElfW(Rela)&) {
                                if (std::string_view(name) == kFence)
                                  fences = true;
                              });
  following = fences;
  if (!fences) return;
  static const Replacement replacements[] = {
      {kFence, reinterpret_cast<uintptr_t>(&Fence)},
      RACELAB_ALL_REPLACED(8),
      RACELAB_ALL_REPLACED(16),
      RACELAB_ALL_REPLACED(32),
      RACELAB_ALL_REPLACED(64),
      RACELAB_ALL_REPLACED(128)};
  runtimes::ForEachRelocation(
      *object, [&](const char* name, const ElfW(Rela) & entry) {
        const auto* const found = std::ranges::find_if(
            replacements, [&](const Replacement& replacement) {
              return std::string_view(name) == replacement.name;
            });
        if (found == std::end(replacements)) return;
        runtimes::Redirect(*object, entry, found->function);
      });
}

}  // namespace racelab::tsan
