#include "runtimes/model/trace/trace.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "runtimes/common/expectation_text.h"
#include "runtimes/model/trace/happens_before.h"
#include "runtimes/model/trace/held_locks.h"
#include "runtimes/model/trace/names.h"
#include "runtimes/model/trace/steps.h"

namespace racelab::model {
namespace {

using verdict::BlockedThread;
using verdict::FailureKind;
using verdict::Finding;
using verdict::SourceLocation;

constexpr size_t kNone = ~size_t{0};

class FindingBuilder {
 public:
  FindingBuilder(const Failure& failure, const EventLog& log,
                 const symbols::Module& module, const std::string& source_root,
                 int64_t inevitable_from)
      : failure_(failure),
        log_(log),
        names_(log, module),
        source_root_(source_root),
        inevitable_from_(inevitable_from >= 0 ? inevitable_from
                                              : log.inevitable_from) {}

  Finding Build() {
    finding_.kind = failure_.kind;
    finding_.message = failure_.message;
    steps_.log = &log_;
    steps_.names = &names_;
    steps_.source_root = source_root_;
    Where();
    Object();
    switch (failure_.kind) {
      case FailureKind::kDataRace:
        Race();
        break;
      case FailureKind::kDeadlock:
        Deadlock();
        break;
      case FailureKind::kUseAfterFree:
      case FailureKind::kDoubleFree:
      case FailureKind::kLeak:
        Memory();
        break;
      case FailureKind::kWrongResult:
        Expectation();
        break;
      default:
        Elsewhere();
        break;
    }
    Trace();
    return std::move(finding_);
  }

 private:
  static bool Overlap(uintptr_t a, size_t a_size, uintptr_t b, size_t b_size) {
    return a < b + std::max<size_t>(b_size, 1) &&
           b < a + std::max<size_t>(a_size, 1);
  }

  std::string At(const SourceLocation& where) const {
    return where.file.empty() ? "" : absl::StrCat(" at ", Short(where));
  }

  SourceLocation OwnPlace(const std::vector<uintptr_t>& stack) const {
    const std::vector<SourceLocation> own = names_.Own(stack);
    return own.empty() ? SourceLocation() : own.front();
  }

  void Where() {
    if (!failure_.file.empty()) {
      finding_.where.file = failure_.file;
      finding_.where.line = failure_.line;
      return;
    }
    // The failure's event has the whole stack; its thread's last event, failing
    // that, is where it was.
    for (size_t i = log_.events.size(); i-- > 0;) {
      const Event& event = log_.events[i];
      if (event.thread != failure_.thread) continue;
      finding_.where = OwnPlace(event.stack);
      if (!finding_.where.file.empty()) return;
    }
  }

  void Object() {
    if (failure_.object < kMaxThreads) return;
    const symbols::Variable& variable = names_.Variable(
        failure_.object, std::max<size_t>(failure_.object_size, 1));
    finding_.object = variable.name;
    finding_.object_origin = variable.origin;
  }

  // The last access of the failing thread to the failure's object.
  size_t LastAccess() const {
    for (size_t i = log_.events.size(); i-- > 0;) {
      const Event& event = log_.events[i];
      if (event.thread == failure_.thread &&
          (IsAccess(event.kind) || event.kind == EventKind::kFree) &&
          (event.kind == EventKind::kFree ||
           Overlap(event.object, event.size, failure_.object,
                   failure_.object_size))) {
        return i;
      }
    }
    return kNone;
  }

  verdict::Access AccessOf(size_t i) {
    const Event& event = log_.events[i];
    verdict::Access access;
    access.thread = Names::Thread(event.thread);
    access.is_write = IsWrite(event.kind);
    access.is_atomic = IsAtomic(event.kind);
    access.size = static_cast<int>(event.size);
    access.stack = names_.Own(event.stack);
    HeldLocks held;
    for (size_t k = 0; k <= i; ++k) held.Apply(log_.events[k]);
    access.held = held.Of(event.thread, &names_);
    return access;
  }

  void Race() {
    const size_t second = LastAccess();
    if (second == kNone) return;
    // The newest conflicting access that nothing orders before it.
    const HappensBefore order(log_, HappensBefore::Edges::kAll);
    size_t first = kNone;
    for (size_t i = second; i-- > 0;) {
      const Event& event = log_.events[i];
      const bool is_access =
          IsAccess(event.kind) || event.kind == EventKind::kFree;
      const size_t size = event.kind == EventKind::kFree
                              ? std::max<size_t>(event.size, 1)
                              : event.size;
      if (!is_access || event.thread == log_.events[second].thread ||
          !Overlap(event.object, size, failure_.object, failure_.object_size) ||
          (!IsWrite(event.kind) && !IsWrite(log_.events[second].kind)) ||
          (IsAtomic(event.kind) && IsAtomic(log_.events[second].kind)) ||
          order.Ordered(i, second)) {
        continue;
      }
      first = i;
      break;
    }
    const Event& late = log_.events[second];
    if (late.kind == EventKind::kPlainWrite) steps_.unfinished = second;
    // Name what was accessed in full, not only the bytes in common.
    const symbols::Variable& variable = names_.Variable(late.object, late.size);
    finding_.object = variable.name;
    finding_.object_origin = variable.origin;
    if (first == kNone) {
      steps_.pinned[second] = "";
      return;
    }
    const Event& early = log_.events[first];
    const SourceLocation early_at = OwnPlace(early.stack);
    const SourceLocation late_at = OwnPlace(late.stack);
    finding_.where = late_at;
    finding_.accesses = {AccessOf(first), AccessOf(second)};
    const auto verb = [](const Event& event) {
      return event.kind == EventKind::kFree ? "frees it"
             : IsWrite(event.kind)          ? "writes it"
                                            : "reads it";
    };
    finding_.message =
        absl::StrCat(Names::Thread(early.thread), " ", verb(early),
                     At(early_at), ", ", Names::Thread(late.thread), " ",
                     verb(late), At(late_at), ", and nothing orders the two.");
    if (!finding_.object.empty()) {
      finding_.message = absl::StrCat("Data race on ", finding_.object, ": ",
                                      finding_.message);
    }
    steps_.pinned[first] = "races with the access marked below";
    steps_.pinned[second] =
        absl::StrCat("data race: no happens-before edge from ",
                     Names::Thread(early.thread), At(early_at), " to here");
    if (IsHeapMatter(early.kind)) steps_.block = early.object;
  }

  static bool IsHeapMatter(EventKind kind) {
    return kind == EventKind::kFree || kind == EventKind::kAlloc;
  }

  void Memory() {
    const HeapBlock* block = names_.Block(failure_.object);
    if (block != nullptr) {
      steps_.block = block->address;
      const SourceLocation freed = OwnPlace(names_.FreedAt(*block));
      const SourceLocation made = OwnPlace(names_.AllocatedAt(*block));
      const std::string name =
          finding_.object.empty() ? "The block" : finding_.object;
      if (failure_.kind == FailureKind::kUseAfterFree && block->freed_by >= 0) {
        finding_.message = absl::StrCat(
            Names::Thread(failure_.thread), " uses ", name, At(finding_.where),
            ", which ", Names::Thread(block->freed_by), " freed", At(freed),
            ".");
      } else if (failure_.kind == FailureKind::kDoubleFree &&
                 block->freed_by >= 0) {
        finding_.message = absl::StrCat(
            Names::Thread(failure_.thread), " frees ", name, At(finding_.where),
            " again: ", Names::Thread(block->freed_by), " freed it", At(freed),
            ".");
      } else if (failure_.kind == FailureKind::kLeak) {
        finding_.message = absl::StrCat(
            block->size, block->size == 1 ? " byte" : " bytes", " allocated",
            At(made), " by ", Names::Thread(block->allocated_by),
            " are never freed.");
        finding_.where = made;
      }
    }
    const size_t last = LastAccess();
    if (last != kNone && failure_.kind != FailureKind::kLeak) {
      steps_.pinned[last] = failure_.kind == FailureKind::kDoubleFree
                                ? "frees it again"
                            : block == nullptr ? "after its scope has ended"
                                               : "after it was freed";
    }
  }

  void Deadlock() {
    HeldLocks held;
    std::vector<size_t> waits(kMaxThreads, kNone);
    std::vector<bool> waiting(kMaxThreads, false);
    for (size_t i = 0; i < log_.events.size(); ++i) {
      const Event& event = log_.events[i];
      held.Apply(event);
      if (event.thread < 0 || event.thread >= kMaxThreads ||
          event.kind == EventKind::kFailure) {
        continue;
      }
      if (event.kind == EventKind::kBlock) {
        // Told twice: when it began to wait, and at the end. The first knows
        // the line.
        const size_t before = waits[event.thread];
        if (!waiting[event.thread] || before == kNone ||
            (log_.events[before].object != event.object && event.object != 0) ||
            names_.Own(log_.events[before].stack).empty()) {
          waits[event.thread] = i;
        }
        waiting[event.thread] = true;
      } else {
        waiting[event.thread] = false;
      }
    }
    std::vector<std::string> clauses;
    for (ThreadId t = 0; t < kMaxThreads; ++t) {
      if (!waiting[t] || waits[t] == kNone) continue;
      const Event& event = log_.events[waits[t]];
      BlockedThread blocked;
      blocked.thread = Names::Thread(t);
      blocked.stack = names_.Own(event.stack);
      if (event.object < kMaxThreads) {
        blocked.waits_for = absl::StrCat(
            "the end of ", Names::Thread(static_cast<ThreadId>(event.object)));
        blocked.held_by = Names::Thread(static_cast<ThreadId>(event.object));
      } else {
        blocked.waits_for = names_.SyncName(event.object);
        const std::vector<ThreadId> holders = held.Holders(event.object);
        if (!holders.empty()) {
          blocked.held_by = Names::Thread(holders.front());
          const size_t locked = held.LockedAt(holders.front(), event.object);
          const SourceLocation at = OwnPlace(log_.events[locked].stack);
          steps_.pinned[locked];
          clauses.push_back(absl::StrCat(
              blocked.thread, " waits for ", blocked.waits_for,
              At(blocked.stack.empty() ? SourceLocation()
                                       : blocked.stack.front()),
              ", which ",
              holders.front() == t
                  ? std::string("it holds itself since")
                  : absl::StrCat(blocked.held_by, " holds since"),
              at.file.empty() ? " earlier" : absl::StrCat(" ", Short(at))));
        } else {
          clauses.push_back(
              absl::StrCat(blocked.thread, " waits for ", blocked.waits_for,
                           At(blocked.stack.empty() ? SourceLocation()
                                                    : blocked.stack.front()),
                           ", and nobody is left to wake it"));
        }
        std::string note = "for ever";
        if (!blocked.held_by.empty()) {
          note = absl::StrCat("for ever: ", blocked.held_by, " holds it");
        }
        steps_.pinned[waits[t]] = note;
        if (finding_.where.file.empty() && !blocked.stack.empty()) {
          finding_.where = blocked.stack.front();
        }
      }
      finding_.blocked.push_back(std::move(blocked));
    }
    if (!clauses.empty()) {
      finding_.message =
          absl::StrCat("Deadlock: ", absl::StrJoin(clauses, "; "), ".");
    }
  }

  void Expectation() {
    finding_.message = runtimes::ExpectationSentence(failure_.message);
    for (size_t i = log_.events.size(); i-- > 0;) {
      if (log_.events[i].kind != EventKind::kExpectationFailed) continue;
      steps_.pinned[i] = finding_.message;
      return;
    }
  }

  // A crash, a misuse, a livelock, …: the last thing that the thread did.
  void Elsewhere() {
    for (size_t i = log_.events.size(); i-- > 0;) {
      if (log_.events[i].kind != EventKind::kFailure) continue;
      steps_.pinned[i] = "";
      return;
    }
  }

  void Trace() {
    if (log_.events.empty()) return;
    verdict::Trace trace;
    int threads = 1;
    for (const Event& event : log_.events) {
      threads = std::max(threads, event.thread + 1);
      if (event.kind == EventKind::kThreadStart && event.object < kMaxThreads) {
        threads = std::max(threads, static_cast<int>(event.object) + 1);
      }
    }
    trace.threads.resize(static_cast<size_t>(threads));
    for (int t = 0; t < threads; ++t) trace.threads[t].name = Names::Thread(t);
    for (const Event& event : log_.events) {
      if (event.kind == EventKind::kThreadStart && event.object < kMaxThreads) {
        trace.threads[event.object].created_at = OwnPlace(event.stack);
      }
    }
    std::vector<Row> rows = BuildSteps(steps_);
    for (Row& row : rows) {
      const Event& event = log_.events[row.event];
      // GoogleTest knows the line of an expectation, the call stack does not.
      if (event.kind == EventKind::kExpectationFailed &&
          !failure_.file.empty()) {
        row.step.where.file = failure_.file;
        row.step.where.line = failure_.line;
        row.step.source =
            symbols::SourceText(source_root_, failure_.file, failure_.line);
      }
      if (trace.inevitable_from < 0 && inevitable_from_ >= 0 &&
          event.step >= static_cast<uint64_t>(inevitable_from_)) {
        trace.inevitable_from = static_cast<int>(trace.steps.size());
      }
      if (!trace.steps.empty() &&
          trace.steps.back().thread != row.step.thread) {
        ++trace.context_switches;
      }
      trace.steps.push_back(std::move(row.step));
    }
    finding_.trace = std::move(trace);
  }

  const Failure& failure_;
  const EventLog& log_;
  Names names_;
  const std::string& source_root_;
  const int64_t inevitable_from_;
  StepsRequest steps_;
  Finding finding_;
};

}  // namespace

Finding BuildFinding(const Failure& failure, const EventLog& log,
                     const symbols::Module& module,
                     const std::string& source_root, int64_t inevitable_from) {
  return FindingBuilder(failure, log, module, source_root, inevitable_from)
      .Build();
}

}  // namespace racelab::model
