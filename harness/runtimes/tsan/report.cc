#include "runtimes/tsan/report.h"

#include <string.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "runtimes/common/unwind.h"

// libtsan's report API (compiler-rt/lib/tsan/rtl/tsan_interface.h), which its
// public headers leave out.
extern "C" {
int __tsan_get_report_data(void* report, const char** description, int* count,
                           int* stack_count, int* mop_count, int* loc_count,
                           int* mutex_count, int* thread_count,
                           int* unique_tid_count, void** sleep_trace,
                           unsigned long trace_size);
int __tsan_get_report_stack(void* report, unsigned long idx, void** trace,
                            unsigned long trace_size);
int __tsan_get_report_mop(void* report, unsigned long idx, int* tid,
                          void** addr, int* size, int* write, int* atomic,
                          void** trace, unsigned long trace_size);
int __tsan_get_report_loc(void* report, unsigned long idx, const char** type,
                          void** addr, unsigned long* start,
                          unsigned long* size, int* tid, int* fd,
                          int* suppressable, void** trace,
                          unsigned long trace_size);
int __tsan_get_report_mutex(void* report, unsigned long idx,
                            unsigned long* mutex_id, void** addr,
                            int* destroyed, void** trace,
                            unsigned long trace_size);
int __tsan_get_report_thread(void* report, unsigned long idx, int* tid,
                             unsigned long long* os_id, int* running,
                             const char** name, int* parent_tid, void** trace,
                             unsigned long trace_size);
}

namespace racelab::tsan {
namespace {

using runtimes::Blackboard;
using runtimes::Places;
using runtimes::ThreadName;
using verdict::FailureKind;
using verdict::Finding;
using verdict::SourceLocation;

void Copy(void* const* trace, RawStack& stack) {
  while (stack.size < kFrames && trace[stack.size] != nullptr) {
    stack.frames[stack.size] = reinterpret_cast<uintptr_t>(trace[stack.size]);
    ++stack.size;
  }
}

// libtsan's thread number → ours.
int SlotOf(void* report, int thread_count, int tid, const Blackboard& board) {
  for (int i = 0; i < thread_count; ++i) {
    int this_tid = -1, running = 0, parent = 0;
    unsigned long long os_id = 0;
    const char* name = nullptr;
    void* trace[1] = {};
    __tsan_get_report_thread(report, i, &this_tid, &os_id, &running, &name,
                             &parent, trace, 1);
    if (this_tid != tid) continue;
    for (size_t slot = 0; slot < runtimes::kMaxThreads; ++slot) {
      if (board.threads[slot].tid.load(std::memory_order_relaxed) ==
          static_cast<int>(os_id)) {
        return static_cast<int>(slot);
      }
    }
  }
  return tid == 0 ? 0 : -1;
}

std::span<const uintptr_t> Span(const RawStack& stack) {
  return {stack.frames, stack.size};
}

bool TouchesModule(const RawStack& stack, const Places& places) {
  return std::ranges::any_of(
      Span(stack), [&](uintptr_t frame) { return places.InModule(frame); });
}

std::string Name(int thread) {
  return thread < 0 ? "another thread" : ThreadName(thread);
}

std::string At(const std::vector<SourceLocation>& stack) {
  if (stack.empty()) return "";
  return " at " + stack.front().file + ":" + std::to_string(stack.front().line);
}

struct Object {
  std::string name;  // may be empty
  std::string origin;
};

Object ObjectOf(const RawReport& report, Places& places) {
  const RawAccess& access = report.accesses[0];
  const symbols::Variable global = places.Global(access.address, access.size);
  if (!global.name.empty()) return {global.name, global.origin};
  if (strcmp(report.object_type, "heap") == 0) {
    const symbols::Variable heap =
        places.Heap(Span(report.allocated_at), report.object_size,
                    access.address - report.object_begin, access.size);
    return {heap.name, heap.origin};
  }
  if (strcmp(report.object_type, "stack") == 0) {
    return {"", "local variable of " + Name(report.object_thread)};
  }
  if (strcmp(report.object_type, "tls") == 0) {
    return {"", "thread_local of " + Name(report.object_thread)};
  }
  return {};
}

std::string Verb(const RawAccess& access) {
  return access.is_write ? "writes" : "reads";
}

Finding OfAccesses(const RawReport& report, Places& places) {
  Finding finding;
  finding.kind = strncmp(report.type, "heap-use-after-free", 19) == 0
                     ? FailureKind::kUseAfterFree
                     : FailureKind::kDataRace;
  const Object object = ObjectOf(report, places);
  finding.object = object.name;
  finding.object_origin = object.origin;
  for (uint32_t i = 0; i < report.access_count; ++i) {
    const RawAccess& raw = report.accesses[i];
    verdict::Access access;
    access.thread = Name(raw.thread);
    access.is_write = raw.is_write;
    access.is_atomic = raw.is_atomic;
    access.size = raw.size;
    access.stack = places.Own(Span(raw.stack));
    if (finding.where.line == 0 && !access.stack.empty()) {
      finding.where = access.stack.front();
    }
    finding.accesses.push_back(std::move(access));
  }
  const std::string what =
      object.name.empty()
          ? (object.origin.empty() ? "a variable" : "a " + object.origin)
          : object.name;
  if (finding.kind == FailureKind::kUseAfterFree) {
    finding.message = finding.accesses[0].thread + " " +
                      Verb(report.accesses[0]) + " " + what +
                      At(finding.accesses[0].stack) + " after it was freed";
    if (finding.accesses.size() > 1) {
      finding.message +=
          " by " + finding.accesses[1].thread + At(finding.accesses[1].stack);
    }
    finding.message += ".";
    return finding;
  }
  finding.message = "Nothing orders these accesses to " + what + ": ";
  for (size_t i = 0; i < finding.accesses.size(); ++i) {
    const verdict::Access& access = finding.accesses[i];
    if (i > 0) finding.message += ", ";
    finding.message += access.thread + " " + Verb(report.accesses[i]) +
                       (access.is_atomic ? " it atomically" : "") +
                       At(access.stack);
  }
  finding.message += ".";
  return finding;
}

std::optional<Finding> OfMutex(const RawReport& report, Places& places) {
  static constexpr struct {
    const char* type;
    FailureKind kind;
    const char* what;
  } kTypes[] = {
      {"mutex-double-lock", FailureKind::kDeadlock,
       "A thread locks a mutex that it holds already"},
      {"mutex-bad-unlock", FailureKind::kMisuse,
       "A thread unlocks a mutex that it does not hold"},
      {"mutex-bad-read-lock", FailureKind::kMisuse,
       "A thread takes a shared lock that it cannot have"},
      {"mutex-bad-read-unlock", FailureKind::kMisuse,
       "A thread gives back a shared lock that it does not hold"},
      {"mutex-invalid-access", FailureKind::kMisuse,
       "A mutex is used before it was made, or after it was destroyed"},
      {"locked-mutex-destroy", FailureKind::kMisuse,
       "A mutex is destroyed while it is locked"},
      {"mutex-destroy-locked", FailureKind::kMisuse,
       "A mutex is destroyed while it is locked"},
  };
  for (const auto& type : kTypes) {
    if (strcmp(report.type, type.type) != 0) continue;
    if (!TouchesModule(report.stack, places)) return std::nullopt;
    Finding finding;
    finding.kind = type.kind;
    finding.object = places.Global(report.mutex, 1).name;
    const auto stack = places.Own(Span(report.stack));
    if (!stack.empty()) finding.where = stack.front();
    finding.message = type.what;
    if (!finding.object.empty()) finding.message += ": " + finding.object;
    finding.message += At(stack) + ".";
    return finding;
  }
  return std::nullopt;
}

}  // namespace

bool IsAbout(const RawReport& report, uintptr_t address) {
  return report.access_count > 0 && report.accesses[0].address == address;
}

RawReport CaptureReport(void* report, const Blackboard& board) {
  RawReport raw;
  const char* type = "";
  int count = 0, stacks = 0, accesses = 0, locations = 0, mutexes = 0,
      threads = 0, unique = 0;
  void* trace[kFrames] = {};
  __tsan_get_report_data(report, &type, &count, &stacks, &accesses, &locations,
                         &mutexes, &threads, &unique, trace, kFrames);
  strncpy(raw.type, type, sizeof raw.type - 1);
  for (int i = 0; i < accesses && i < 2; ++i) {
    RawAccess& access = raw.accesses[i];
    int tid = -1, write = 0, atomic = 0;
    void* address = nullptr;
    memset(trace, 0, sizeof trace);
    __tsan_get_report_mop(report, i, &tid, &address, &access.size, &write,
                          &atomic, trace, kFrames);
    access.thread = SlotOf(report, threads, tid, board);
    access.address = reinterpret_cast<uintptr_t>(address);
    access.is_write = write != 0;
    access.is_atomic = atomic != 0;
    Copy(trace, access.stack);
    raw.access_count = i + 1;
  }
  if (locations > 0) {
    const char* object = "";
    void* address = nullptr;
    unsigned long begin = 0, size = 0;
    int tid = -1, fd = 0, suppressable = 0;
    memset(trace, 0, sizeof trace);
    __tsan_get_report_loc(report, 0, &object, &address, &begin, &size, &tid,
                          &fd, &suppressable, trace, kFrames);
    strncpy(raw.object_type, object, sizeof raw.object_type - 1);
    raw.object_begin = begin;
    raw.object_size = size;
    raw.object_thread = SlotOf(report, threads, tid, board);
    Copy(trace, raw.allocated_at);
  }
  if (mutexes > 0) {
    unsigned long id = 0;
    void* address = nullptr;
    int destroyed = 0;
    memset(trace, 0, sizeof trace);
    __tsan_get_report_mutex(report, 0, &id, &address, &destroyed, trace,
                            kFrames);
    raw.mutex = reinterpret_cast<uintptr_t>(address);
  }
  if (stacks > 0) {
    // Our own pthread wrapper is the last that libtsan knows of: the tables
    // tell the whole stack. We are in the thread that did it.
    raw.stack.size = static_cast<uint32_t>(
        runtimes::CaptureStack(raw.stack.frames, kFrames));
  }
  return raw;
}

std::optional<RawReport> ParseReport(std::string_view bytes) {
  RawReport report;
  if (bytes.size() != sizeof report) return std::nullopt;
  memcpy(&report, bytes.data(), sizeof report);
  // It comes from a process that runs the student's code.
  report.type[sizeof report.type - 1] = '\0';
  report.object_type[sizeof report.object_type - 1] = '\0';
  report.access_count = std::min(report.access_count, 2u);
  for (RawStack* stack : {&report.accesses[0].stack, &report.accesses[1].stack,
                          &report.allocated_at, &report.stack}) {
    stack->size = std::min(stack->size, kFrames);
  }
  return report;
}

std::optional<Finding> FindingOf(const RawReport& report, Places& places) {
  if (strncmp(report.type, "data-race", 9) == 0 ||
      strncmp(report.type, "heap-use-after-free", 19) == 0) {
    bool ours = false;
    for (uint32_t i = 0; i < report.access_count; ++i) {
      ours |= TouchesModule(report.accesses[i].stack, places);
    }
    if (!ours) return std::nullopt;
    const auto librarys = [&](const RawAccess& access) {
      return access.stack.size > 0 &&
             places.InAtomicSharedPtr(access.stack.frames[0]);
    };
    if (report.access_count == 2 && librarys(report.accesses[0]) &&
        librarys(report.accesses[1])) {
      return std::nullopt;
    }
    return OfAccesses(report, places);
  }
  return OfMutex(report, places);
}

}  // namespace racelab::tsan
