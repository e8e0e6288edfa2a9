// Large atomics (common/large_atomics.h) in runner.tsan.
//
// Each is read and written word by word with atomics of libtsan's: the first
// word in the order that the program asks for, the others relaxed. So a large
// atomic orders what a small one would, and races with accesses that are none.
// What is read and written besides, such as the expected value, is told as
// such.

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "runtimes/common/absl_sync_state.h"
#include "runtimes/common/large_atomics.h"
#include "runtimes/tsan/fences.h"

extern "C" {
void __tsan_read_range(void* from, unsigned long size);
void __tsan_write_range(void* to, unsigned long size);
}

#define RACELAB_WORD(bits)                                                     \
  using Word##bits = uint##bits##_t;                                           \
  extern "C" Word##bits __tsan_atomic##bits##_load(const volatile Word##bits*, \
                                                   int);                       \
  extern "C" void __tsan_atomic##bits##_store(volatile Word##bits*,            \
                                              Word##bits, int);                \
  extern "C" Word##bits __tsan_atomic##bits##_exchange(volatile Word##bits*,   \
                                                       Word##bits, int);       \
  static Word##bits LoadWord(Word##bits* word, int order) {                    \
    return __tsan_atomic##bits##_load(word, order);                            \
  }                                                                            \
  static void StoreWord(Word##bits* word, Word##bits value, int order) {       \
    __tsan_atomic##bits##_store(word, value, order);                           \
  }                                                                            \
  static Word##bits ExchangeWord(Word##bits* word, Word##bits value,           \
                                 int order) {                                  \
    return __tsan_atomic##bits##_exchange(word, value, order);                 \
  }
RACELAB_WORD(8)
RACELAB_WORD(16)
RACELAB_WORD(32)
RACELAB_WORD(64)
#undef RACELAB_WORD

namespace racelab::tsan {
namespace {

using runtimes::AtomicLock;

// One of the words that an object is divided into.
struct Part {
  char* at;
  size_t offset;
  size_t size;  // 1, 2, 4 or 8; `at` is aligned accordingly
};

Part PartAt(void* object, size_t offset, size_t end) {
  char* const at = static_cast<char*>(object) + offset;
  size_t size = 8;
  while (reinterpret_cast<uintptr_t>(at) % size != 0 || size > end - offset) {
    size /= 2;
  }
  return {at, offset, size};
}

template <typename Function>
void WithWord(const Part& part, const Function& function) {
  switch (part.size) {
    case 1:
      return function(reinterpret_cast<uint8_t*>(part.at));
    case 2:
      return function(reinterpret_cast<uint16_t*>(part.at));
    case 4:
      return function(reinterpret_cast<uint32_t*>(part.at));
    default:
      return function(reinterpret_cast<uint64_t*>(part.at));
  }
}

// Of `from`, which need not be aligned, what belongs into the word.
template <typename Word>
Word ValueOf(const Word*, const void* from, const Part& part) {
  Word value;
  memcpy(&value, static_cast<const char*>(from) + part.offset, sizeof value);
  return value;
}

// The first word is the first to be read and the last to be written: what is
// done to the others comes after what it acquires and before what it releases.

void Load(size_t size, void* object, void* to, int order) {
  for (size_t offset = 0; offset < size;) {
    const Part part = PartAt(object, offset, size);
    WithWord(part, [&](auto* word) {
      const auto value = LoadWord(word, offset == 0 ? order : __ATOMIC_RELAXED);
      memcpy(static_cast<char*>(to) + offset, &value, sizeof value);
    });
    offset += part.size;
  }
}

// By words, as all else: memcmp() and memcpy() are libtsan's, and would be
// plain accesses of the object.
bool IsEqual(size_t size, void* object, const void* expected) {
  bool equal = true;
  for (size_t offset = 0; offset < size && equal;) {
    const Part part = PartAt(object, offset, size);
    WithWord(part, [&](auto* word) {
      equal = LoadWord(word, __ATOMIC_RELAXED) == ValueOf(word, expected, part);
    });
    offset += part.size;
  }
  return equal;
}

// Calls `write` for each part, the first one last.
template <typename Function>
void ForEachFirstLast(size_t size, void* object, const Function& write) {
  const Part first = PartAt(object, 0, size);
  for (size_t offset = first.size; offset < size;) {
    const Part part = PartAt(object, offset, size);
    write(part);
    offset += part.size;
  }
  write(first);
}

void Store(size_t size, void* object, const void* from, int order) {
  ForEachFirstLast(size, object, [&](const Part& part) {
    WithWord(part, [&](auto* word) {
      StoreWord(word, ValueOf(word, from, part),
                part.offset == 0 ? order : __ATOMIC_RELAXED);
    });
  });
}

// `to` may be `from`, or null.
void Exchange(size_t size, void* object, const void* from, void* to,
              int order) {
  ForEachFirstLast(size, object, [&](const Part& part) {
    WithWord(part, [&](auto* word) {
      const auto seen =
          ExchangeWord(word, ValueOf(word, from, part),
                       part.offset == 0 ? order : __ATOMIC_RELAXED);
      if (to == nullptr) return;
      memcpy(static_cast<char*>(to) + part.offset, &seen, sizeof seen);
    });
  });
}

}  // namespace
}  // namespace racelab::tsan

namespace tsan = racelab::tsan;

bool racelab_atomic_is_lock_free(size_t size, const volatile void* object) {
  return racelab::runtimes::IsLockFree(size, object);
}

void racelab_atomic_load(size_t size, void* object, void* to, int order) {
  RACELAB_FRAME;
  {
    const tsan::AtomicLock lock(object);
    tsan::Load(size, object, to, tsan::OrderOfRead(object, order));
  }
  __tsan_write_range(to, size);
}

void racelab_atomic_store(size_t size, void* object, void* from, int order) {
  RACELAB_FRAME;
  __tsan_read_range(from, size);
  const tsan::AtomicLock lock(object);
  tsan::Store(size, object, from, tsan::OrderOfStore(order));
}

void racelab_atomic_exchange(size_t size, void* object, void* from, void* to,
                             int order) {
  RACELAB_FRAME;
  __tsan_read_range(from, size);
  {
    const tsan::AtomicLock lock(object);
    tsan::Exchange(size, object, from, to, tsan::OrderOfChange(object, order));
  }
  __tsan_write_range(to, size);
}

bool racelab_atomic_compare_exchange(size_t size, void* object, void* expected,
                                     void* desired, int success, int failure) {
  RACELAB_FRAME;
  __tsan_read_range(expected, size);
  __tsan_read_range(desired, size);
  {
    const tsan::AtomicLock lock(object);
    if (tsan::IsEqual(size, object, expected)) {
      tsan::Exchange(size, object, desired, nullptr,
                     tsan::OrderOfChange(object, success));
      return true;
    }
    tsan::Load(size, object, expected, tsan::OrderOfRead(object, failure));
  }
  __tsan_write_range(expected, size);
  return false;
}
