#include "runtimes/stress/heap.h"

#include <errno.h>
#include <link.h>
#include <malloc.h>
#include <string.h>

#include <algorithm>
#include <atomic>

#include "runtimes/common/unwind.h"

extern "C" {
void* __libc_malloc(size_t);
void __libc_free(void*);
void* __libc_calloc(size_t, size_t);
void* __libc_realloc(void*, size_t);
void* __libc_memalign(size_t, size_t);
}

namespace racelab::stress {
namespace {

constexpr size_t kMaxRecorded = 20000;
constexpr size_t kRecordedFrames = 24;

struct Recorded {
  void* block = nullptr;
  size_t frames = 0;
  uintptr_t stack[kRecordedFrames] = {};
};

// Written while RecordAllocations lives, by the only thread there is.
std::atomic<bool> recording{false};
bool inside = false;
Recorded* recorded = nullptr;
size_t recorded_count = 0;

// Sorted; written once by ModuleState, before the scenario's threads start, and
// only read afterwards. `kept_begin` is published last.
uintptr_t* kept = nullptr;
size_t kept_count = 0;
std::atomic<uintptr_t> kept_begin{UINTPTR_MAX};
std::atomic<uintptr_t> kept_end{0};

bool IsKept(void* block) {
  const auto address = reinterpret_cast<uintptr_t>(block);
  // Acquire: sees the array that was published with it.
  if (address < kept_begin.load(std::memory_order_acquire) ||
      address > kept_end.load(std::memory_order_relaxed)) {
    return false;
  }
  return std::binary_search(kept, kept + kept_count, address);
}

void* Record(void* block) {
  if (!recording.load(std::memory_order_relaxed) || inside ||
      block == nullptr || recorded_count == kMaxRecorded) {
    return block;
  }
  inside = true;
  Recorded& one = recorded[recorded_count++];
  one.block = block;
  one.frames = runtimes::CaptureStack(one.stack, kRecordedFrames);
  inside = false;
  return block;
}

void Forget(void* block) {
  if (!recording.load(std::memory_order_relaxed) || inside) return;
  for (size_t i = recorded_count; i-- > 0;) {
    if (recorded[i].block == block) {
      recorded[i] = recorded[--recorded_count];
      return;
    }
  }
}

// The runner's own code: where `OwnCode` itself is.
int FindOwn(dl_phdr_info* info, size_t, void* data) {
  auto& range = *static_cast<runtimes::MemoryRange*>(data);
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    if (info->dlpi_phdr[i].p_type != PT_LOAD) continue;
    const uintptr_t begin = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
    range.begin = std::min(range.begin, begin);
    range.end = std::max(range.end, begin + info->dlpi_phdr[i].p_memsz);
  }
  return 1;  // the program comes first
}

}  // namespace

RecordAllocations::RecordAllocations() {
  if (recorded == nullptr) {
    recorded =
        static_cast<Recorded*>(__libc_calloc(kMaxRecorded, sizeof(Recorded)));
  }
  recorded_count = 0;
  recording.store(recorded != nullptr, std::memory_order_relaxed);
}

RecordAllocations::~RecordAllocations() {
  recording.store(false, std::memory_order_relaxed);
}

ModuleState::ModuleState(const runtimes::LoadedModule& module) {
  runtimes::MemoryRange own{UINTPTR_MAX, 0};
  dl_iterate_phdr(FindOwn, &own);
  std::vector<uintptr_t> blocks;
  for (size_t i = 0; i < recorded_count; ++i) {
    const Recorded& one = recorded[i];
    // Our wrapper comes first, then perhaps libstdc++; whoever is next asked
    // for the block.
    bool past_wrapper = false;
    for (size_t f = 0; f < one.frames; ++f) {
      const bool is_own = own.Contains(one.stack[f]);
      past_wrapper |= !is_own;
      if (module.Contains(one.stack[f])) {
        blocks.push_back(reinterpret_cast<uintptr_t>(one.block));
        break;
      }
      if (is_own && past_wrapper) break;
    }
  }
  std::ranges::sort(blocks);
  const auto save = [this](void* at, size_t size) {
    const char* bytes = static_cast<const char*>(at);
    saved_.push_back({at, std::vector<char>(bytes, bytes + size)});
    bytes_ += size;
  };
  for (const runtimes::MemoryRange& range : module.writable()) {
    save(reinterpret_cast<void*>(range.begin), range.size());
  }
  for (const uintptr_t block : blocks) {
    void* at = reinterpret_cast<void*>(block);
    save(at, malloc_usable_size(at));
  }
  if (blocks.empty()) return;
  kept =
      static_cast<uintptr_t*>(__libc_malloc(blocks.size() * sizeof(uintptr_t)));
  if (kept == nullptr) return;
  std::ranges::copy(blocks, kept);
  kept_count = blocks.size();
  kept_end.store(blocks.back(), std::memory_order_relaxed);
  // Release: publishes the array.
  kept_begin.store(blocks.front(), std::memory_order_release);
}

void ModuleState::Restore() const {
  for (const Saved& saved : saved_) {
    memcpy(saved.at, saved.contents.data(), saved.contents.size());
  }
}

}  // namespace racelab::stress

namespace heap = racelab::stress;

extern "C" {

void* malloc(size_t size) { return heap::Record(__libc_malloc(size)); }

void* calloc(size_t count, size_t size) {
  return heap::Record(__libc_calloc(count, size));
}

void free(void* block) {
  if (block == nullptr || heap::IsKept(block)) return;
  heap::Forget(block);
  __libc_free(block);
}

void* realloc(void* block, size_t size) {
  if (block != nullptr && heap::IsKept(block)) {
    void* other = __libc_malloc(size);
    if (other != nullptr) {
      memcpy(other, block, std::min(size, malloc_usable_size(block)));
    }
    return other;
  }
  if (block != nullptr) heap::Forget(block);
  return heap::Record(__libc_realloc(block, size));
}

void* memalign(size_t alignment, size_t size) {
  return heap::Record(__libc_memalign(alignment, size));
}

void* aligned_alloc(size_t alignment, size_t size) {
  return heap::Record(__libc_memalign(alignment, size));
}

int posix_memalign(void** out, size_t alignment, size_t size) {
  if (alignment % sizeof(void*) != 0 || (alignment & (alignment - 1)) != 0 ||
      alignment == 0) {
    return EINVAL;
  }
  void* block = __libc_memalign(alignment, size);
  if (block == nullptr) return ENOMEM;
  *out = heap::Record(block);
  return 0;
}

}  // extern "C"
