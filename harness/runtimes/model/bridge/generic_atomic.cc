// libatomic's functions for objects of any size, up to 16 bytes. Compilers call
// them for sizes that are no power of two: of libatomic's own, which take a
// lock, nobody could watch what they order.

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "runtimes/model/bridge/atomic_access.h"
#include "runtimes/model/execution.h"

#define RACELAB_PC reinterpret_cast<uintptr_t>(__builtin_return_address(0))

// Under other names here: the real ones are the compilers' own.
extern "C" {
void RacelabAtomicLoad(size_t size, const volatile void* object, void* into,
                       int order) asm("__atomic_load");
void RacelabAtomicStore(size_t size, volatile void* object, const void* from,
                        int order) asm("__atomic_store");
void RacelabAtomicExchange(size_t size, volatile void* object, const void* from,
                           void* into, int order) asm("__atomic_exchange");
bool RacelabAtomicCompareExchange(
    size_t size, volatile void* object, void* expected, const void* desired,
    int order, int failure_order) asm("__atomic_compare_exchange");
}

namespace racelab::model {
namespace {

template <size_t kSize>
Bytes<kSize> From(const void* memory) {
  Bytes<kSize> bytes;
  std::memcpy(&bytes, memory, kSize);
  return bytes;
}

// access.template operator()<size>(), the size being known when it runs only.
template <size_t kSize = 1, typename Function>
auto OfSize(size_t size, Function access) {
  if constexpr (kSize < 16) {
    if (size != kSize) return OfSize<kSize + 1>(size, access);
  } else if (size != kSize) {
    Bridge bridge;
    Unsupported("The scenario uses an atomic of more than 16 bytes.");
  }
  return access.template operator()<kSize>();
}

}  // namespace
}  // namespace racelab::model

using racelab::model::Bytes;
using racelab::model::From;
using racelab::model::OfSize;
using racelab::model::Operation;
using racelab::model::OrderOf;

void RacelabAtomicLoad(size_t size, const volatile void* object, void* into,
                       int order) {
  const uintptr_t pc = RACELAB_PC;
  OfSize(size, [=]<size_t kSize>() {
    const auto seen = racelab::model::Load(
        static_cast<const volatile Bytes<kSize>*>(object), OrderOf(order), pc);
    std::memcpy(into, &seen, kSize);
  });
}

void RacelabAtomicStore(size_t size, volatile void* object, const void* from,
                        int order) {
  const uintptr_t pc = RACELAB_PC;
  OfSize(size, [=]<size_t kSize>() {
    racelab::model::Store(static_cast<volatile Bytes<kSize>*>(object),
                          From<kSize>(from), OrderOf(order), pc);
  });
}

void RacelabAtomicExchange(size_t size, volatile void* object, const void* from,
                           void* into, int order) {
  const uintptr_t pc = RACELAB_PC;
  OfSize(size, [=]<size_t kSize>() {
    const auto seen =
        racelab::model::FetchOp<Bytes<kSize>, Operation::kExchange>(
            static_cast<volatile Bytes<kSize>*>(object), From<kSize>(from),
            OrderOf(order), pc);
    std::memcpy(into, &seen, kSize);
  });
}

// Strong: libatomic's compares under its lock.
bool RacelabAtomicCompareExchange(size_t size, volatile void* object,
                                  void* expected, const void* desired,
                                  int order, int failure_order) {
  const uintptr_t pc = RACELAB_PC;
  return OfSize(size, [=]<size_t kSize>() {
    bool stored = false;
    const auto seen = racelab::model::CompareExchange(
        static_cast<volatile Bytes<kSize>*>(object), From<kSize>(expected),
        From<kSize>(desired), false, OrderOf(order), OrderOf(failure_order),
        &stored, pc);
    if (!stored) std::memcpy(expected, &seen, kSize);
    return stored;
  });
}
