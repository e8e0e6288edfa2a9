// Large atomics (common/large_atomics.h) in the model: up to 16 bytes, like any
// other atomic.

#include "runtimes/common/large_atomics.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include "runtimes/model/bridge/accesses.h"
#include "runtimes/model/bridge/atomic_access.h"
#include "runtimes/model/execution.h"

#define RACELAB_PC reinterpret_cast<uintptr_t>(__builtin_return_address(0))

namespace racelab::model {
namespace {

// What such a call reads and writes besides the object is the program's, too.
template <size_t kSize>
Bytes<kSize> From(const void* memory, uintptr_t pc) {
  PlainRead(reinterpret_cast<uintptr_t>(memory), kSize, pc);
  Bytes<kSize> bytes;
  std::memcpy(&bytes, memory, kSize);
  return bytes;
}
template <size_t kSize>
void Into(void* memory, const Bytes<kSize>& bytes, uintptr_t pc) {
  PlainWrite(reinterpret_cast<uintptr_t>(memory), kSize, pc);
  std::memcpy(memory, &bytes, kSize);
}

// access.template operator()<size>(), the size being known when it runs only.
template <size_t kSize = 1, typename Function>
auto OfSize(size_t size, const char* call, Function access) {
  if constexpr (kSize < 16) {
    if (size != kSize) return OfSize<kSize + 1>(size, call, access);
  } else if (size != kSize) {
    Bridge bridge;
    Unsupported("The scenario calls " + std::string(call) + "() for " +
                std::to_string(size) +
                " bytes: the model checker knows no atomic of more than 16.");
  }
  return access.template operator()<kSize>();
}

}  // namespace
}  // namespace racelab::model

using racelab::model::Bytes;
using racelab::model::From;
using racelab::model::Into;
using racelab::model::OfSize;
using racelab::model::Operation;
using racelab::model::OrderOf;

bool racelab_atomic_is_lock_free(size_t size, const volatile void* object) {
  return racelab::runtimes::IsLockFree(size, object);
}

void racelab_atomic_load(size_t size, void* object, void* to, int order) {
  const uintptr_t pc = RACELAB_PC;
  OfSize(size, "__atomic_load", [=]<size_t kSize>() {
    const auto seen = racelab::model::Load(
        static_cast<const volatile Bytes<kSize>*>(object), OrderOf(order), pc);
    Into(to, seen, pc);
  });
}

void racelab_atomic_store(size_t size, void* object, void* from, int order) {
  const uintptr_t pc = RACELAB_PC;
  OfSize(size, "__atomic_store", [=]<size_t kSize>() {
    racelab::model::Store(static_cast<volatile Bytes<kSize>*>(object),
                          From<kSize>(from, pc), OrderOf(order), pc);
  });
}

void racelab_atomic_exchange(size_t size, void* object, void* from, void* to,
                             int order) {
  const uintptr_t pc = RACELAB_PC;
  OfSize(size, "__atomic_exchange", [=]<size_t kSize>() {
    const auto seen =
        racelab::model::FetchOp<Bytes<kSize>, Operation::kExchange>(
            static_cast<volatile Bytes<kSize>*>(object), From<kSize>(from, pc),
            OrderOf(order), pc);
    Into(to, seen, pc);
  });
}

// Strong: libatomic's compares under its lock.
bool racelab_atomic_compare_exchange(size_t size, void* object, void* expected,
                                     void* desired, int success, int failure) {
  const uintptr_t pc = RACELAB_PC;
  return OfSize(size, "__atomic_compare_exchange", [=]<size_t kSize>() {
    bool stored = false;
    const auto seen = racelab::model::CompareExchange(
        static_cast<volatile Bytes<kSize>*>(object), From<kSize>(expected, pc),
        From<kSize>(desired, pc), false, OrderOf(success), OrderOf(failure),
        &stored, pc);
    if (!stored) Into(expected, seen, pc);
    return stored;
  });
}
