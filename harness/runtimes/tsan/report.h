// What libtsan reports, taken as structure (never as text) in the child,
// carried to the parent as bytes, and read there as a finding.
//
// Thread safety: values. CaptureReport runs where libtsan calls
// __tsan_on_report: in the racing thread, with libtsan's report lock held; it
// allocates nothing.

#ifndef RACELAB_RUNTIMES_TSAN_REPORT_H_
#define RACELAB_RUNTIMES_TSAN_REPORT_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "runtimes/common/blackboard.h"
#include "runtimes/common/places.h"
#include "verdict/verdict.h"

namespace racelab::tsan {

inline constexpr uint32_t kFrames = 40;

struct RawStack {
  uint32_t size = 0;
  uintptr_t frames[kFrames] = {};
};

struct RawAccess {
  int thread = -1;  // slot of the blackboard; -1: not known
  uintptr_t address = 0;
  int size = 0;
  bool is_write = false;
  bool is_atomic = false;
  RawStack stack;
};

// Trivially copyable, so that its bytes are the message.
struct RawReport {
  char type[48] = {};  // "data-race", "mutex-bad-unlock", …
  uint32_t access_count = 0;
  RawAccess accesses[2];
  // What was accessed.
  char object_type[16] = {};  // "heap", "global", "stack", "tls", "fd"
  uintptr_t object_begin = 0;
  uint64_t object_size = 0;
  int object_thread = -1;  // whose stack, who allocated
  RawStack allocated_at;
  // Of reports that are about a mutex.
  uintptr_t mutex = 0;
  RawStack stack;
};

// Where `address` is in the report (accesses or object): the canary's own
// report.
bool IsAbout(const RawReport& report, uintptr_t address);

RawReport CaptureReport(void* report, const runtimes::Blackboard& board);

std::optional<RawReport> ParseReport(std::string_view bytes);

// nullopt: it says nothing against the program. That is so of races that no
// frame of the module takes part in (inside a library that is not
// instrumented), of those that libstdc++'s std::atomic<std::shared_ptr> has
// with itself, and of what is no failure by itself, as a potential deadlock:
// two locks taken in both orders are a bug only if both orders can meet, which
// the model decides.
std::optional<verdict::Finding> FindingOf(const RawReport& report,
                                          runtimes::Places& places);

}  // namespace racelab::tsan

#endif  // RACELAB_RUNTIMES_TSAN_REPORT_H_
