// Where the states behind absl::Mutex and its kind live in runner.tsan. Not in
// libtsan's heap: there a new block counts as written by the thread that asked
// for it, and the next thread that locks would race with that.
//
// Blocks of one size, from mappings that are never given back; a free list
// under a spin lock, which nothing else is taken inside.

#include <sys/mman.h>
#include <sys/syscall.h>

#include <atomic>
#include <cstddef>
#include <cstdlib>

#include "runtimes/common/absl_sync_state.h"
#include "runtimes/common/raw_syscall.h"

namespace racelab::tsan {
namespace {

constexpr size_t kBlock = 256;
constexpr size_t kMapping = 256 * kBlock;
static_assert(sizeof(runtimes::AbslMutexState) <= kBlock);
static_assert(sizeof(runtimes::AbslCondVarState) <= kBlock);

struct Free {
  Free* next;
};
std::atomic_flag busy = ATOMIC_FLAG_INIT;  // guards `free_blocks`
Free* free_blocks = nullptr;

class Guard {
 public:
  // Acquire and release: hand the list from holder to holder.
  Guard() {
    while (busy.test_and_set(std::memory_order_acquire)) {
      runtimes::RawSyscall(SYS_sched_yield);
    }
  }
  ~Guard() { busy.clear(std::memory_order_release); }
};

}  // namespace
}  // namespace racelab::tsan

namespace tsan = racelab::tsan;

extern "C" void* racelab_absl_allocate(size_t) {
  const tsan::Guard guard;
  if (tsan::free_blocks == nullptr) {
    const long mapped = racelab::runtimes::RawSyscall(
        SYS_mmap, 0, tsan::kMapping, PROT_READ | PROT_WRITE,
        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped < 0 && mapped > -4096) abort();
    for (size_t at = 0; at < tsan::kMapping; at += tsan::kBlock) {
      auto* block = reinterpret_cast<tsan::Free*>(mapped + at);
      block->next = tsan::free_blocks;
      tsan::free_blocks = block;
    }
  }
  tsan::Free* block = tsan::free_blocks;
  tsan::free_blocks = block->next;
  return block;
}

extern "C" void racelab_absl_free(void* memory) {
  const tsan::Guard guard;
  auto* block = static_cast<tsan::Free*>(memory);
  block->next = tsan::free_blocks;
  tsan::free_blocks = block;
}
