// malloc, operator new, mmap and kin. The C++ library and the module get here
// through the dynamic linker; the runner's own code is linked to them, too.
//
// Whose allocation is it? The program's, if the program runs and the call does
// not come from the runner (GoogleTest is part of it) or from the C library,
// which keep what they allocate beyond the execution.

#include "runtimes/model/bridge/heap.h"

#include <errno.h>
#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>

#include "runtimes/common/raw_syscall.h"
#include "runtimes/model/bridge/accesses.h"
#include "runtimes/model/bridge/loading.h"
#include "runtimes/model/bridge/reuse.h"
#include "runtimes/model/execution.h"
#include "runtimes/model/platform/arena.h"
#include "runtimes/model/sync_objects.h"

#define RACELAB_PC reinterpret_cast<uintptr_t>(__builtin_return_address(0))

extern "C" {
void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* memory, size_t size);
void* __libc_memalign(size_t alignment, size_t size);
void __libc_free(void* memory);
}

namespace racelab::model {
namespace {

constexpr char kSmaller[] =
    "Look for a loop that allocates without end; else make the scenario "
    "smaller for the model (labkit::ByEngine), or let another engine judge "
    "this test.";

// Code ranges of the runner, the C library and the dynamic linker.
struct Code {
  uintptr_t begin = 0;
  uintptr_t end = 0;
};
Code own_code[3];
bool own_code_known = false;

int FindCode(dl_phdr_info* info, size_t, void* argument) {
  auto* index = static_cast<int*>(argument);
  const char* name = info->dlpi_name;
  const bool wanted = *index == 0 || std::strstr(name, "/libc.so") != nullptr ||
                      std::strstr(name, "/ld-linux") != nullptr;
  if (!wanted || *index == 3) return 0;
  Code& code = own_code[*index];
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = info->dlpi_phdr[i];
    if (segment.p_type == PT_LOAD && (segment.p_flags & PF_X) != 0) {
      code.begin = info->dlpi_addr + segment.p_vaddr;
      code.end = code.begin + segment.p_memsz;
    }
  }
  ++*index;
  return 0;
}

inline bool IsPrograms(uintptr_t caller) {
  if (!InProgram() && !module_is_loading) return false;
  if (!own_code_known) FindOwnCode();
  return !IsOwnCode(caller);
}

void* Allocate(size_t size, size_t alignment, uintptr_t pc) {
  Bridge bridge;
  Execution& e = execution;
  if (e.active && (size > Arena::kProgramLimit ||
                   heap_arena.live_bytes() + size > Arena::kProgramLimit)) {
    Unsupported(
        "The scenario holds more than 16 MiB of heap at once; the model has no "
        "more.",
        kSmaller);
  }
  Arena::Block* again = e.active ? ChooseFreedBlock(size, alignment) : nullptr;
  void* memory = again == nullptr
                     ? heap_arena.Allocate(size, alignment, pc, e.current)
                     : heap_arena.Reuse(*again, size, pc, e.current);
  if (again != nullptr) {
    e.shadow->MarkAllocated(again->address(), size);
    e.memory->Forget(again->address(), size);
    ForgetSyncIn(again->address(), again->address() + size);
  }
  if (memory == nullptr) {
    if (e.active) {
      Unsupported(
          "The scenario allocates more memory in one execution than "
          "the model has.",
          kSmaller);
    }
    errno = ENOMEM;
    return nullptr;
  }
  if (e.log != nullptr && e.active) {
    Event* event =
        LogEvent(EventKind::kAlloc, reinterpret_cast<uintptr_t>(memory),
                 static_cast<uint32_t>(size), pc);
    if (again != nullptr) event->detail = "at a freed address";
  }
  return memory;
}

constexpr size_t kPage = 4096;
constexpr size_t InPages(size_t size) {
  return (size + kPage - 1) & ~(kPage - 1);
}

// Fresh memory that can be written, at whatever address: a block like any
// other, so that what threads do to it is seen. What is still mapped at the end
// is no leak.
bool IsFresh(const void* address, size_t size, int protection, int flags) {
  return address == nullptr && (flags & MAP_ANONYMOUS) != 0 &&
         (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) == 0 &&
         (protection & PROT_WRITE) != 0 && size > 0 &&
         size <= Arena::kProgramLimit;
}

void* AllocatePages(size_t size, uintptr_t pc) {
  void* memory = Allocate(InPages(size), kPage, pc);
  if (memory == nullptr) return MAP_FAILED;
  std::memset(memory, 0, InPages(size));
  Arena::Block* block = heap_arena.Find(reinterpret_cast<uintptr_t>(memory));
  heap_arena.OnFreed(block->size);
  block->state = Arena::BlockState::kKept;
  return memory;
}

void FreeBlock(void* memory, uintptr_t pc) {
  const auto address = reinterpret_cast<uintptr_t>(memory);
  Arena::Block* block = heap_arena.Find(address);
  if (!InProgram()) {
    if (block != nullptr) block->state = Arena::BlockState::kFreed;
    return;
  }
  Bridge bridge;
  Execution& e = execution;
  if (block == nullptr) {
    Fail(verdict::FailureKind::kDoubleFree,
         "Memory is freed at an address that no allocation returned.", pc,
         address);
  }
  if (block->state == Arena::BlockState::kFreed) {
    Fail(verdict::FailureKind::kDoubleFree, "Memory is freed twice.", pc,
         address, block->size);
  }
  if (e.log != nullptr) {
    LogEvent(EventKind::kFree, address, static_cast<uint32_t>(block->size), pc);
  }
  DestroySyncIn(address, address + block->size, pc);
  const uintptr_t end = address + block->size;
  uintptr_t rest = address;
  RaceInfo race;
  while (e.shadow->MarkFreed(e.current, rest, end - rest, pc, e.step, &race)) {
    if (race.kind != RaceInfo::Kind::kRace || !race.is_atomic ||
        !race.is_write ||
        !e.memory->SeenBehindFence(e.current, race.address, race.thread)) {
      ReportRace(race, true, pc);
    }
    e.shadow->ForgetAtomicStores(race.thread, race.address);
    rest = std::max(rest, race.address & ~uintptr_t{7});  // a word at a time
  }
  e.freed = true;
  e.memory->Forget(address, block->size);
  if (block->state == Arena::BlockState::kLive) heap_arena.OnFreed(block->size);
  block->state = Arena::BlockState::kFreed;
  block->freed_by = static_cast<int16_t>(e.current);
  block->freed_pc = pc;
  block->freed_time =
      static_cast<uint32_t>(e.clocks[e.current].current[e.current]) + 1;
}

}  // namespace

bool IsOwnCode(uintptr_t pc) {
  for (const Code& code : own_code) {
    if (pc - code.begin < code.end - code.begin) return true;
  }
  return false;
}

void FindOwnCode() {
  int index = 0;
  dl_iterate_phdr(&FindCode, &index);
  own_code_known = true;
}

void LogHeap() {
  if (execution.log == nullptr) return;
  auto add = [](Arena::Block& block) {
    HeapBlock& logged = execution.log->heap.emplace_back();
    logged.address = block.address();
    logged.size = block.size;
    logged.allocated_by = block.allocated_by;
    logged.allocated_at = {block.allocated_pc};
    if (block.state == Arena::BlockState::kFreed) {
      logged.freed_by = block.freed_by;
      logged.freed_at = {block.freed_pc};
    }
  };
  heap_arena.ForEachKept(add);
  heap_arena.ForEach(add);
}

}  // namespace racelab::model

using racelab::model::Allocate;
using racelab::model::AllocatePages;
using racelab::model::Arena;
using racelab::model::FreeBlock;
using racelab::model::heap_arena;
using racelab::model::InPages;
using racelab::model::IsFresh;
using racelab::model::IsPrograms;

// What hides behind an absl::Mutex and its kind (absl_sync_state.h) is the
// program's, though it is the runner that asks for it: it must lie at the same
// address in every execution, and start afresh with it.
extern "C" void* racelab_absl_allocate(size_t size) {
  if (racelab::model::InProgram() || racelab::model::module_is_loading) {
    return Allocate(size, 16, RACELAB_PC);
  }
  return __libc_malloc(size);
}

extern "C" void racelab_absl_free(void* memory) { free(memory); }

extern "C" void racelab_misuse(const char* what) {
  if (!racelab::model::InProgram()) return;
  racelab::model::Bridge bridge;
  racelab::model::Fail(racelab::verdict::FailureKind::kMisuse, what,
                       RACELAB_PC);
}

extern "C" {

void* malloc(size_t size) {
  if (IsPrograms(RACELAB_PC)) return Allocate(size, 16, RACELAB_PC);
  return __libc_malloc(size);
}

void free(void* memory) {
  if (memory == nullptr) return;
  if (Arena::Contains(reinterpret_cast<uintptr_t>(memory))) {
    FreeBlock(memory, RACELAB_PC);
    return;
  }
  __libc_free(memory);
}

void* calloc(size_t count, size_t size) {
  if (!IsPrograms(RACELAB_PC)) return __libc_calloc(count, size);
  size_t bytes;
  if (__builtin_mul_overflow(count, size, &bytes)) {
    errno = ENOMEM;
    return nullptr;
  }
  void* memory = Allocate(bytes, 16, RACELAB_PC);
  if (memory != nullptr) std::memset(memory, 0, bytes);
  return memory;
}

void* realloc(void* memory, size_t size) {
  const bool in_arena = Arena::Contains(reinterpret_cast<uintptr_t>(memory));
  if (!in_arena && (memory != nullptr || !IsPrograms(RACELAB_PC))) {
    return __libc_realloc(memory, size);
  }
  if (memory == nullptr) return Allocate(size, 16, RACELAB_PC);
  if (size == 0) {
    FreeBlock(memory, RACELAB_PC);
    return nullptr;
  }
  const Arena::Block* block =
      heap_arena.Find(reinterpret_cast<uintptr_t>(memory));
  const size_t old_size = block != nullptr ? block->size : 0;
  void* moved = IsPrograms(RACELAB_PC) ? Allocate(size, 16, RACELAB_PC)
                                       : __libc_malloc(size);
  if (moved == nullptr) return nullptr;
  std::memcpy(moved, memory, old_size < size ? old_size : size);
  FreeBlock(memory, RACELAB_PC);
  return moved;
}

void* memalign(size_t alignment, size_t size) {
  if (IsPrograms(RACELAB_PC)) return Allocate(size, alignment, RACELAB_PC);
  return __libc_memalign(alignment, size);
}

void* aligned_alloc(size_t alignment, size_t size) {
  if (IsPrograms(RACELAB_PC)) return Allocate(size, alignment, RACELAB_PC);
  return __libc_memalign(alignment, size);
}

int posix_memalign(void** result, size_t alignment, size_t size) {
  if (alignment % sizeof(void*) != 0 || (alignment & (alignment - 1)) != 0 ||
      alignment == 0) {
    return EINVAL;
  }
  void* memory = IsPrograms(RACELAB_PC) ? Allocate(size, alignment, RACELAB_PC)
                                        : __libc_memalign(alignment, size);
  if (memory == nullptr) return ENOMEM;
  *result = memory;
  return 0;
}

size_t malloc_usable_size(void* memory) {
  const auto address = reinterpret_cast<uintptr_t>(memory);
  if (Arena::Contains(address)) {
    const Arena::Block* block = heap_arena.Find(address);
    return block != nullptr ? block->size : 0;
  }
  // glibc's chunk header: the size with three flags.
  return memory == nullptr
             ? 0
             : (reinterpret_cast<const size_t*>(memory)[-1] & ~size_t{7}) -
                   sizeof(size_t);
}

// The C library's own calls do not come here.
void* mmap(void* address, size_t size, int protection, int flags, int file,
           off_t offset) noexcept {
  if (IsPrograms(RACELAB_PC) && IsFresh(address, size, protection, flags)) {
    return AllocatePages(size, RACELAB_PC);
  }
  const long result = racelab::runtimes::RawSyscall(
      SYS_mmap, reinterpret_cast<long>(address), static_cast<long>(size),
      protection, flags, file, offset);
  if (result < 0 && result > -4096) {
    errno = static_cast<int>(-result);
    return MAP_FAILED;
  }
  return reinterpret_cast<void*>(result);
}

int munmap(void* memory, size_t size) noexcept {
  const auto address = reinterpret_cast<uintptr_t>(memory);
  if (Arena::Contains(address)) {
    // Of a part, nothing is known: it stays.
    const Arena::Block* block = heap_arena.Find(address);
    if (block != nullptr && InPages(size) >= block->size) {
      FreeBlock(memory, RACELAB_PC);
    }
    return 0;
  }
  const long result = racelab::runtimes::RawSyscall(
      SYS_munmap, static_cast<long>(address), static_cast<long>(size));
  if (result == 0) return 0;
  errno = static_cast<int>(-result);
  return -1;
}

}  // extern "C"

namespace {

void* New(size_t size, size_t alignment, uintptr_t caller) {
  for (;;) {
    void* memory = IsPrograms(caller) ? Allocate(size, alignment, caller)
                   : alignment > 16   ? __libc_memalign(alignment, size)
                                      : __libc_malloc(size);
    if (memory != nullptr) return memory;
    std::new_handler handler = std::get_new_handler();
    if (handler == nullptr) throw std::bad_alloc();
    handler();
  }
}

void* NewOrNull(size_t size, size_t alignment, uintptr_t caller) noexcept {
  try {
    return New(size, alignment, caller);
  } catch (...) {
    return nullptr;
  }
}

inline void Delete(void* memory, uintptr_t caller) {
  if (memory == nullptr) return;
  if (Arena::Contains(reinterpret_cast<uintptr_t>(memory))) {
    FreeBlock(memory, caller);
    return;
  }
  __libc_free(memory);
}

}  // namespace

using Align = std::align_val_t;
using NoThrow = const std::nothrow_t&;

void* operator new(size_t n) { return New(n, 16, RACELAB_PC); }
void* operator new[](size_t n) { return New(n, 16, RACELAB_PC); }
void* operator new(size_t n, NoThrow) noexcept {
  return NewOrNull(n, 16, RACELAB_PC);
}
void* operator new[](size_t n, NoThrow) noexcept {
  return NewOrNull(n, 16, RACELAB_PC);
}
void* operator new(size_t n, Align a) {
  return New(n, static_cast<size_t>(a), RACELAB_PC);
}
void* operator new[](size_t n, Align a) {
  return New(n, static_cast<size_t>(a), RACELAB_PC);
}
void* operator new(size_t n, Align a, NoThrow) noexcept {
  return NewOrNull(n, static_cast<size_t>(a), RACELAB_PC);
}
void* operator new[](size_t n, Align a, NoThrow) noexcept {
  return NewOrNull(n, static_cast<size_t>(a), RACELAB_PC);
}
void operator delete(void* p) noexcept { Delete(p, RACELAB_PC); }
void operator delete[](void* p) noexcept { Delete(p, RACELAB_PC); }
void operator delete(void* p, size_t) noexcept { Delete(p, RACELAB_PC); }
void operator delete[](void* p, size_t) noexcept { Delete(p, RACELAB_PC); }
void operator delete(void* p, Align) noexcept { Delete(p, RACELAB_PC); }
void operator delete[](void* p, Align) noexcept { Delete(p, RACELAB_PC); }
void operator delete(void* p, size_t, Align) noexcept { Delete(p, RACELAB_PC); }
void operator delete[](void* p, size_t, Align) noexcept {
  Delete(p, RACELAB_PC);
}
void operator delete(void* p, NoThrow) noexcept { Delete(p, RACELAB_PC); }
void operator delete[](void* p, NoThrow) noexcept { Delete(p, RACELAB_PC); }
void operator delete(void* p, Align, NoThrow) noexcept {
  Delete(p, RACELAB_PC);
}
void operator delete[](void* p, Align, NoThrow) noexcept {
  Delete(p, RACELAB_PC);
}
