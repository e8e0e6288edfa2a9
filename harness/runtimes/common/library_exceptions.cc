// An exception that several std::exception_ptrs share, or a future and its
// shared state, is freed by whoever gives it up last. How many hold it,
// libstdc++.so counts, which nobody instrumented: without what is here, an
// engine would see the last one free what others have read, and nothing between
// the two.
//
// The program's calls, and the library's own, come here, since a runner's
// symbols stand before the library's. The last reference is always given up in
// Release, which tells the engine (library_exceptions.h).
//
// Take it whole into a runner that answers __tsan_*.
//
// Thread safety: that of std::exception_ptr.

#include "runtimes/common/library_exceptions.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>

#include "runtimes/common/interposing.h"

extern "C" void __cxa_free_exception(void* object) noexcept;

namespace racelab::runtimes {
namespace {

// What stands before the exception object in libstdc++, by the Itanium C++ ABI
// and its own __cxa_refcounted_exception.
struct Header {
  int count;
  alignas(16) void* type;
  void (*destructor)(void*);
  unsigned char rest[96];
};
static_assert(sizeof(Header) == 128 && offsetof(Header, destructor) == 24);

}  // namespace

// std::exception_ptr::_M_release(); its one member points to the object.
void Release(void** pointer) noexcept
    RACELAB_NAMED("_ZNSt15__exception_ptr13exception_ptr10_M_releaseEv");
void EndCatch() RACELAB_NAMED("__cxa_end_catch");

void Release(void** pointer) noexcept {
  void* object = *pointer;
  Header& header = static_cast<Header*>(object)[-1];
  std::atomic_ref count(header.count);
  // Relaxed: who holds it alone is not joined by others.
  if (count.load(std::memory_order_relaxed) > 1) OnReferenceDropped(&header);
  // As the library does it.
  if (count.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  OnLastReferenceDropped(&header);
  if (header.destructor != nullptr) header.destructor(object);
  __cxa_free_exception(object);
  *pointer = nullptr;
  OnExceptionFreed();
}

void EndCatch() {
  static constinit Library<void()> library("__cxa_end_catch");
  // Held beyond the end of the catch block: so the library does not give up the
  // last reference.
  const std::exception_ptr held = std::current_exception();
  library.get()();
}

}  // namespace racelab::runtimes
