#include "runtimes/model/sync_objects.h"

#include <link.h>

#include <cstring>
#include <string>

#include "runtimes/model/bridge/library_calls.h"
#include "runtimes/model/waiting.h"

namespace racelab::model {
namespace {

constexpr uint32_t kMaxObjects = 4096;
constexpr uint32_t kSlots = 2 * kMaxObjects;  // a power of two

SyncObject objects[kMaxObjects];
uint32_t object_count = 0;
bool robust_used = false;

// Open addressing. A slot of another epoch is empty.
struct Slot {
  uint32_t epoch;
  uint32_t index;
};
Slot slots[kSlots];
uint32_t epoch = 1;

constexpr uint32_t Bit(ThreadId thread) { return uint32_t{1} << thread; }

uint32_t SlotOf(uintptr_t address) {
  return static_cast<uint32_t>((address * 0x9e3779b97f4a7c15ull) >> 40) &
         (kSlots - 1);
}

void Initialize(SyncObject& object, uintptr_t address, SyncKind kind) {
  object.address = address;
  object.kind = kind;
  object.type = MutexType::kNormal;
  object.robust = object.owner_died = object.unrecoverable = false;
  object.ready = object.ended = false;
  object.owner = -1;
  object.queued = 0;
  object.recursion = 0;
  object.readers = object.lockers = object.share_lockers = 0;
  object.circled = 0;
  object.value = object.limit = 0;
  object.version = 0;
  object.changes_at_lock = 0;
  object.locked_pc = 0;
  const auto bytes =
      sizeof(Timestamp) * static_cast<size_t>(execution.capacity);
  std::memset(object.clock, 0, bytes);
  if (kind == SyncKind::kRwLock) {
    std::memset(object.read_clock, 0, bytes);
    std::memset(object.read_depth, 0, sizeof object.read_depth);
  }
}

struct Segments {
  uintptr_t begin[4];
  uintptr_t end[4];
  int count = 0;
};

int FindRunner(dl_phdr_info* info, size_t, void* argument) {
  auto* segments = static_cast<Segments*>(argument);
  for (int i = 0; i < info->dlpi_phnum && segments->count < 4; ++i) {
    const ElfW(Phdr)& segment = info->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) == 0) continue;
    segments->begin[segments->count] = info->dlpi_addr + segment.p_vaddr;
    segments->end[segments->count] =
        info->dlpi_addr + segment.p_vaddr + segment.p_memsz;
    ++segments->count;
  }
  return 1;  // the first object is the program itself
}

Segments runner_segments;

}  // namespace

bool IsRunnerObject(const void* object) {
  Segments& segments = runner_segments;
  if (segments.count == 0) dl_iterate_phdr(&FindRunner, &segments);
  const auto address = reinterpret_cast<uintptr_t>(object);
  for (int i = 0; i < segments.count; ++i) {
    if (address - segments.begin[i] < segments.end[i] - segments.begin[i]) {
      return true;
    }
  }
  return false;
}

void ResetSyncObjects() {
  object_count = 0;
  robust_used = false;
  if (++epoch == 0) {
    std::memset(slots, 0, sizeof slots);
    epoch = 1;
  }
}

void MakeRobust(SyncObject& mutex) {
  mutex.robust = true;
  robust_used = true;
}

SyncObject* FindSync(uintptr_t address) {
  for (uint32_t at = SlotOf(address); slots[at].epoch == epoch;
       at = (at + 1) & (kSlots - 1)) {
    SyncObject& object = objects[slots[at].index];
    if (object.address == address) return &object;
  }
  return nullptr;
}

SyncObject& Sync(uintptr_t address, SyncKind kind) {
  uint32_t at = SlotOf(address);
  for (; slots[at].epoch == epoch; at = (at + 1) & (kSlots - 1)) {
    SyncObject& object = objects[slots[at].index];
    if (object.address != address) continue;
    if (object.kind != kind) Initialize(object, address, kind);
    return object;
  }
  if (object_count == kMaxObjects) {
    Unsupported("The scenario uses more than " + std::to_string(kMaxObjects) +
                " locks and other synchronization objects in one execution.");
  }
  slots[at] = {epoch, object_count};
  SyncObject& object = objects[object_count++];
  Initialize(object, address, kind);
  return object;
}

const char* NameOf(SyncKind kind) {
  switch (kind) {
    case SyncKind::kMutex:
      return "mutex";
    case SyncKind::kRwLock:
      return "shared mutex";
    case SyncKind::kCondition:
      return "condition variable";
    case SyncKind::kSemaphore:
      return "semaphore";
    case SyncKind::kBarrier:
      return "barrier";
    case SyncKind::kSpinLock:
      return "spin lock";
    case SyncKind::kFutex:
      return "atomic";
    case SyncKind::kOnce:
      return "once flag";
    case SyncKind::kCount:
    case SyncKind::kNothing:
      break;
  }
  return "object";
}

void DestroySync(SyncObject& object, uintptr_t pc) {
  const bool held = object.owner >= 0 || object.readers != 0;
  uint32_t waiting = object.lockers | object.share_lockers;
  for (int i = 0; i < object.queued; ++i) waiting |= Bit(object.queue[i]);
  // A waiter that has been told to go on does not look at the object again.
  if (held || waiting != 0) {
    Fail(verdict::FailureKind::kMisuse,
         std::string("A ") + NameOf(object.kind) + " is destroyed while " +
             (held ? "it is locked." : "a thread waits for it."),
         pc, object.address);
  }
  const bool robust = object.robust;
  Initialize(object, object.address, object.kind);
  object.robust = robust;
  object.ended = true;
}

void RequireAlive(const SyncObject& object, uintptr_t pc) {
  if (!object.ended) return;
  Fail(verdict::FailureKind::kMisuse,
       std::string("A ") + NameOf(object.kind) +
           " is used after it was destroyed.",
       pc, object.address);
}

bool RobustUsed() { return robust_used; }

void ReleaseRobust() {
  if (!robust_used) return;
  for (uint32_t i = 0; i < object_count; ++i) {
    SyncObject& object = objects[i];
    if (!object.robust || object.owner != execution.current) continue;
    object.owner_died = true;
    DropLock(object);
  }
}

void FailIfLeftLocked() {
  Execution& e = execution;
  if (e.locks == 0 || e.holding != nullptr) return;
  for (uint32_t i = 0; i < object_count; ++i) {
    const SyncObject& object = objects[i];
    if ((object.owner < 0 && object.readers == 0) ||
        !LibraryCallOf(object.locked_pc).librarys) {
      continue;
    }
    e.current =
        object.owner >= 0 ? object.owner : __builtin_ctz(object.readers);
    Fail(verdict::FailureKind::kDeadlock,
         std::string("A thread ends while it holds a ") + NameOf(object.kind) +
             ": whoever locks that next waits for ever.",
         object.locked_pc, object.address);
  }
}

void DestroySyncIn(uintptr_t begin, uintptr_t end, uintptr_t pc) {
  for (uint32_t i = 0; i < object_count; ++i) {
    if (objects[i].address - begin < end - begin) DestroySync(objects[i], pc);
  }
}

void ForgetSyncIn(uintptr_t begin, uintptr_t end) {
  for (uint32_t i = 0; i < object_count; ++i) {
    SyncObject& object = objects[i];
    if (object.address - begin >= end - begin) continue;
    Initialize(object, object.address, SyncKind::kNothing);
  }
}

}  // namespace racelab::model
