// What compilers emit for plain accesses and for function calls. GCC and Clang
// emit different sets; both are here, and the test with the same name holds the
// two against libtsan's own lists.

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "runtimes/model/bridge/accesses.h"
#include "runtimes/model/bridge/holding.h"
#include "runtimes/model/bridge/loading.h"
#include "runtimes/model/execution.h"

#define RACELAB_PC reinterpret_cast<uintptr_t>(__builtin_return_address(0))

using ::racelab::model::execution;
using ::racelab::model::HoldOnEntry;
using ::racelab::model::PlainRead;
using ::racelab::model::PlainWrite;
using ::racelab::model::ReleaseOnExit;
using ::racelab::model::ThreadState;

namespace {

inline uintptr_t Address(const volatile void* pointer) {
  return reinterpret_cast<uintptr_t>(pointer);
}
}  // namespace

extern "C" {

// Called by a constructor of every instrumented module.
void __tsan_init() {
  if (racelab::model::module_is_loading) {
    racelab::model::module_is_instrumented = true;
  }
}

void __tsan_func_entry(void* call_site) {
  ThreadState& thread = execution.self();
  if (!execution.active) return;
  uintptr_t stack_pointer;  // a frame address would take a frame pointer
  asm("movq %%rsp, %0" : "=r"(stack_pointer));
  if (stack_pointer < racelab::model::StackLow(execution.current) +
                          racelab::model::kStackReserve) [[unlikely]] {
    // One that grows beyond without calling anything ends at the guard pages.
    racelab::model::ReportStackOverflow(reinterpret_cast<uintptr_t>(call_site));
  }
  const uint32_t depth = thread.depth++;
  if (depth < ThreadState::kMaxFrames) {
    const auto site = reinterpret_cast<uintptr_t>(call_site);
    thread.frames[depth] = site;
    thread.sites[depth] =
        racelab::model::Mix(depth == 0 ? 0 : thread.sites[depth - 1], site);
  }
  if (execution.holding != nullptr) HoldOnEntry(RACELAB_PC);
}

void __tsan_func_exit() {
  if (!execution.active) return;
  if (execution.holding != nullptr) ReleaseOnExit(RACELAB_PC);
  ThreadState& thread = execution.self();
  if (thread.depth > 0) --thread.depth;
}

#define RACELAB_ACCESS(size)                                                   \
  void __tsan_read##size(void* p) { PlainRead(Address(p), size, RACELAB_PC); } \
  void __tsan_write##size(void* p) {                                           \
    PlainWrite(Address(p), size, RACELAB_PC);                                  \
  }                                                                            \
  void __tsan_volatile_read##size(void* p) {                                   \
    PlainRead(Address(p), size, RACELAB_PC);                                   \
  }                                                                            \
  void __tsan_volatile_write##size(void* p) {                                  \
    PlainWrite(Address(p), size, RACELAB_PC);                                  \
  }                                                                            \
  void __tsan_read##size##_pc(void* p, void* pc) {                             \
    PlainRead(Address(p), size, Address(pc));                                  \
  }                                                                            \
  void __tsan_write##size##_pc(void* p, void* pc) {                            \
    PlainWrite(Address(p), size, Address(pc));                                 \
  }                                                                            \
  void __tsan_read_write##size(void* p) {                                      \
    PlainRead(Address(p), size, RACELAB_PC);                                   \
    PlainWrite(Address(p), size, RACELAB_PC);                                  \
  }
RACELAB_ACCESS(1)
RACELAB_ACCESS(2)
RACELAB_ACCESS(4)
RACELAB_ACCESS(8)
RACELAB_ACCESS(16)
#undef RACELAB_ACCESS

#define RACELAB_UNALIGNED(size)                              \
  void __tsan_unaligned_read##size(const void* p) {          \
    PlainRead(Address(p), size, RACELAB_PC);                 \
  }                                                          \
  void __tsan_unaligned_write##size(void* p) {               \
    PlainWrite(Address(p), size, RACELAB_PC);                \
  }                                                          \
  void __tsan_unaligned_volatile_read##size(const void* p) { \
    PlainRead(Address(p), size, RACELAB_PC);                 \
  }                                                          \
  void __tsan_unaligned_volatile_write##size(void* p) {      \
    PlainWrite(Address(p), size, RACELAB_PC);                \
  }                                                          \
  void __tsan_unaligned_read_write##size(void* p) {          \
    PlainRead(Address(p), size, RACELAB_PC);                 \
    PlainWrite(Address(p), size, RACELAB_PC);                \
  }
RACELAB_UNALIGNED(2)
RACELAB_UNALIGNED(4)
RACELAB_UNALIGNED(8)
RACELAB_UNALIGNED(16)
#undef RACELAB_UNALIGNED

void __tsan_read_range(void* p, size_t size) {
  if (size != 0) PlainRead(Address(p), size, RACELAB_PC);
}
void __tsan_write_range(void* p, size_t size) {
  if (size != 0) PlainWrite(Address(p), size, RACELAB_PC);
}
void __tsan_read_range_pc(void* p, size_t size, void* pc) {
  if (size != 0) PlainRead(Address(p), size, Address(pc));
}
void __tsan_write_range_pc(void* p, size_t size, void* pc) {
  if (size != 0) PlainWrite(Address(p), size, Address(pc));
}

void __tsan_vptr_read(void** p) {
  PlainRead(Address(p), sizeof(void*), RACELAB_PC);
}
// A constructor or destructor that writes the pointer that is there already
// does nothing that others could notice.
void __tsan_vptr_update(void** p, void* value) {
  if (*p == value) return;
  PlainWrite(Address(p), sizeof(void*), RACELAB_PC);
}

void* __tsan_memcpy(void* to, const void* from, size_t size) {
  if (size != 0) {
    PlainRead(Address(from), size, RACELAB_PC);
    PlainWrite(Address(to), size, RACELAB_PC);
  }
  return std::memcpy(to, from, size);
}
void* __tsan_memmove(void* to, const void* from, size_t size) {
  if (size != 0) {
    PlainRead(Address(from), size, RACELAB_PC);
    PlainWrite(Address(to), size, RACELAB_PC);
  }
  return std::memmove(to, from, size);
}
void* __tsan_memset(void* to, int byte, size_t size) {
  if (size != 0) PlainWrite(Address(to), size, RACELAB_PC);
  return std::memset(to, byte, size);
}

}  // extern "C"
