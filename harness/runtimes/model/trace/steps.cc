#include "runtimes/model/trace/steps.h"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "runtimes/model/trace/happens_before.h"
#include "runtimes/model/trace/held_locks.h"
#include "symbols/symbols.h"

namespace racelab::model {
namespace {

using verdict::SourceLocation;
using verdict::Step;

// Beyond this a person reads only the beginning and the end.
constexpr size_t kMaxRows = 300;
constexpr size_t kFirstRows = 40;

std::string OrderSuffix(Order order) {
  switch (order) {
    case Order::kRelaxed:
      return " (relaxed)";
    case Order::kAcquire:
      return " (acquire)";
    case Order::kRelease:
      return " (release)";
    case Order::kAcqRel:
      return " (acq_rel)";
    case Order::kSeqCst:
      return "";
  }
  return "";
}

std::string OrderName(Order order) {
  const std::string suffix = OrderSuffix(order);
  return suffix.empty() ? "seq_cst" : suffix.substr(2, suffix.size() - 3);
}

bool IsSync(EventKind kind) {
  switch (kind) {
    case EventKind::kLock:
    case EventKind::kTryLockFailed:
    case EventKind::kUnlock:
    case EventKind::kLockShared:
    case EventKind::kUnlockShared:
    case EventKind::kBlock:
    case EventKind::kWake:
    case EventKind::kNotifyOne:
    case EventKind::kNotifyAll:
    case EventKind::kSemPost:
    case EventKind::kSemWait:
      return true;
    default:
      return false;
  }
}

class Builder {
 public:
  explicit Builder(const StepsRequest& request)
      : request_(request),
        log_(*request.log),
        names_(*request.names),
        contended_(ContendedAccesses(log_)) {
    std::unordered_map<uintptr_t, std::set<ThreadId>> users;
    for (const Event& event : log_.events) {
      if (event.kind == EventKind::kThreadStart) threads_ = true;
      if (IsSync(event.kind)) users[event.object].insert(event.thread);
    }
    for (const auto& [object, threads] : users) {
      if (threads.size() > 1) shared_locks_.insert(object);
    }
    // A wait that ended without a notification is news even if nobody else came
    // near what was waited for.
    for (const Event& event : log_.events) {
      if (event.kind == EventKind::kWake && !Cause(event).empty()) {
        shared_locks_.insert(event.object);
      }
    }
  }

  std::vector<Row> Build() {
    for (size_t i = 0; i < log_.events.size(); ++i) {
      const Event& event = log_.events[i];
      held_.Apply(event);
      // Told again at the end of a deadlock.
      const bool again = event.kind == EventKind::kBlock &&
                         waits_.contains(event.thread) &&
                         waits_[event.thread] == event.object && !Pinned(i);
      if (event.kind == EventKind::kBlock) {
        waits_[event.thread] = event.object;
      } else if (event.kind != EventKind::kFailure) {
        waits_.erase(event.thread);
      }
      if (event.kind == EventKind::kThreadStart) started_ = true;
      if (!again && Matters(i)) Add(i);
    }
    Shorten();
    return std::move(rows_);
  }

 private:
  bool Pinned(size_t i) const { return request_.pinned.contains(i); }

  bool Matters(size_t i) const {
    const Event& event = log_.events[i];
    if (Pinned(i)) return true;
    // What a thread does while it is still alone is no news.
    if (threads_ && !started_ && (IsAccess(event.kind) || IsSync(event.kind))) {
      return false;
    }
    // A failure for no reason may be the whole story.
    if (IsAccess(event.kind)) return contended_[i] || !event.detail.empty();
    if (IsSync(event.kind)) {
      // A join that blocked is told by the join.
      return shared_locks_.contains(event.object) &&
             event.object >= kMaxThreads;
    }
    switch (event.kind) {
      case EventKind::kThreadStart:
      case EventKind::kThreadJoin:
      case EventKind::kFence:
      case EventKind::kExpectationFailed:
        return true;
      case EventKind::kAlloc:
      case EventKind::kFree:
        // Memory that is given out again is what such a failure is about.
        if (!event.detail.empty()) return true;
        return request_.block != 0 && event.object == request_.block;
      default:
        return false;
    }
  }

  void Add(size_t i) {
    const Event& event = log_.events[i];
    const std::vector<SourceLocation> own = names_.Own(event.stack);
    // What no line of the student's or the scenario's leads to is machinery.
    if (own.empty() && !Pinned(i)) return;
    Row row;
    row.event = i;
    Step& step = row.step;
    step.thread = event.thread;
    if (!own.empty()) step.where = own.front();
    step.stack = own;
    if (IsAccess(event.kind)) {
      if (!Pinned(i) && FoldIntoLast(event, own)) return;
      Access(i, &step);
    } else {
      Words(event, &step);
    }
    step.held = held_.Of(event.thread, &names_);
    if (Pinned(i)) step.note = request_.pinned.at(i);
    if (step.note.empty() && event.read.stale && IsAtomic(event.kind)) {
      step.note = StaleNote(i, step);
    }
    if (Repeats(row)) return;
    rows_.push_back(std::move(row));
  }

  void Access(size_t i, Step* step) {
    const Event& event = log_.events[i];
    const symbols::Variable& variable =
        names_.Variable(event.object, event.size);
    step->object = variable.name;
    const std::string value = Text(event, variable, event.value);
    const std::string old_value =
        IsFresh(event) ? "" : Text(event, variable, event.old_value);
    const auto change = [&] {
      return value.empty()       ? ""
             : old_value.empty() ? value
                                 : absl::StrCat(old_value, " → ", value);
    };
    const std::string call =
        IsAtomic(event.kind) ? "" : names_.LibraryCall(event.stack);
    switch (event.kind) {
      case EventKind::kPlainRead:
        step->operation = "reads";
        step->value = value;
        break;
      case EventKind::kPlainWrite:
        step->operation = "writes";
        step->value = change();
        break;
      case EventKind::kAtomicLoad:
        step->operation = absl::StrCat("loads", OrderSuffix(event.order));
        step->value = value;
        break;
      case EventKind::kAtomicStore:
        step->operation = absl::StrCat("stores", OrderSuffix(event.order));
        step->value = value;
        break;
      case EventKind::kAtomicRmw:
        step->operation = absl::StrCat("updates", OrderSuffix(event.order));
        step->value = change();
        break;
      default:
        step->operation =
            absl::StrCat(event.detail.empty() ? "compares, in vain"
                                              : "compares, fails for no reason",
                         OrderSuffix(event.order));
        step->value = old_value;
        break;
    }
    if (i == request_.unfinished) step->value.clear();
    // Inside a library function: the call is what the student wrote.
    if (!call.empty() &&
        variable.value.kind == symbols::ValueType::Kind::kUnknown) {
      step->operation = absl::StrCat(
          event.kind == EventKind::kPlainWrite ? "changes" : "reads", " (",
          call, ")");
      step->value.clear();
    }
  }

  // An atomic of four bytes inside a library's class is a count.
  std::string Text(const Event& event, const symbols::Variable& variable,
                   Value value) {
    using symbols::ValueType;
    if (variable.value.kind == ValueType::Kind::kUnknown &&
        IsAtomic(event.kind) && event.size == 4) {
      return symbols::FormatValue({ValueType::Kind::kSigned, 4, {}}, value.lo,
                                  0);
    }
    return names_.ValueText(variable, value);
  }

  // Memory that nobody wrote yet holds the world's pattern, which is no value.
  static bool IsFresh(const Event& event) {
    constexpr uint64_t kPattern = 0xbebebebebebebebe;
    const uint32_t size = std::min<uint32_t>(event.size, 8);
    if (size < 4) return false;
    const uint64_t mask =
        size == 8 ? ~uint64_t{0} : (uint64_t{1} << (8 * size)) - 1;
    return (event.old_value.lo & mask) == (kPattern & mask);
  }

  // Several accesses of one library call at one line are one step.
  bool FoldIntoLast(const Event& event,
                    const std::vector<SourceLocation>& own) {
    if (rows_.empty() || IsAtomic(event.kind)) return false;
    Row& last = rows_.back();
    const Event& before = log_.events[last.event];
    if (before.thread != event.thread || Pinned(last.event) ||
        !IsAccess(before.kind) || IsAtomic(before.kind) ||
        last.step.stack != own) {
      return false;
    }
    const std::string call = names_.LibraryCall(event.stack);
    if (call.empty() || names_.LibraryCall(before.stack) != call) return false;
    if (event.kind == EventKind::kPlainWrite &&
        before.kind == EventKind::kPlainRead) {
      last.step.operation = absl::StrCat("changes (", call, ")");
      last.step.value.clear();
    }
    return true;
  }

  // A loop that reads the same again, or blocks on the same again: one row,
  // which a pinned event takes over.
  bool Repeats(const Row& row) {
    if (rows_.empty()) return false;
    Row& last = rows_.back();
    const EventKind kind = log_.events[row.event].kind;
    if (Pinned(last.event) || kind != log_.events[last.event].kind ||
        (kind != EventKind::kPlainRead && kind != EventKind::kAtomicLoad &&
         kind != EventKind::kAtomicCasFailed && kind != EventKind::kBlock &&
         kind != EventKind::kTryLockFailed)) {
      return false;
    }
    const auto same = [](const Step& a, const Step& b) {
      return a.thread == b.thread && a.where.file == b.where.file &&
             a.where.line == b.where.line && a.operation == b.operation &&
             a.object == b.object && a.value == b.value && a.held == b.held;
    };
    if (!same(last.step, row.step)) return false;
    const int times = repeats_[last.event] + 1;
    if (Pinned(row.event)) {
      last = row;
    } else if (last.step.note.empty()) {
      last.step.note = row.step.note;
    }
    repeats_[last.event] = times;
    return true;
  }

  void Words(const Event& event, Step* step) {
    const auto object = [&] { return names_.Variable(event.object, 1).name; };
    const auto sync = [&] { return names_.SyncName(event.object); };
    switch (event.kind) {
      case EventKind::kThreadStart:
        step->operation = "starts";
        step->object = Names::Thread(static_cast<ThreadId>(event.object));
        break;
      case EventKind::kThreadExit:
        step->operation = "ends";
        break;
      case EventKind::kThreadJoin:
        step->operation = "joins";
        step->object = Names::Thread(static_cast<ThreadId>(event.object));
        break;
      case EventKind::kFence:
        step->operation = absl::StrCat("fence (", OrderName(event.order), ")");
        break;
      case EventKind::kLock:
        step->operation = "locks";
        step->object = object();
        break;
      case EventKind::kLockShared:
        step->operation = "locks (shared)";
        step->object = object();
        break;
      case EventKind::kTryLockFailed:
        step->operation = "tries to lock, in vain";
        step->object = object();
        break;
      case EventKind::kUnlock:
        step->operation = "unlocks";
        step->object = object();
        break;
      case EventKind::kUnlockShared:
        step->operation = "unlocks (shared)";
        step->object = object();
        break;
      case EventKind::kBlock:
        step->operation = "waits for";
        if (event.object < kMaxThreads) {
          step->object = Names::Thread(static_cast<ThreadId>(event.object));
        } else {
          step->object = sync();
          for (const ThreadId holder : held_.Holders(event.object)) {
            if (holder != event.thread) {
              step->note = absl::StrCat("held by ", Names::Thread(holder));
            } else {
              step->note = "which it holds itself";
            }
          }
        }
        break;
      case EventKind::kWake:
        step->operation = "wakes up";
        step->object = object();
        step->note = Cause(event);
        break;
      case EventKind::kNotifyOne:
        step->operation = "notifies one";
        step->object = object();
        break;
      case EventKind::kNotifyAll:
        step->operation = "notifies all";
        step->object = object();
        break;
      case EventKind::kSemPost:
        step->operation = "releases";
        step->object = sync();
        break;
      case EventKind::kSemWait:
        step->operation = "acquires";
        step->object = sync();
        break;
      case EventKind::kAlloc:
        step->operation = event.detail.empty()
                              ? "allocates"
                              : "allocates, " + event.detail + ",";
        step->object = object();
        break;
      case EventKind::kFree:
        step->operation = "frees";
        step->object = object();
        break;
      case EventKind::kExpectationFailed:
        step->operation = "expectation fails";
        break;
      default:
        step->operation = event.detail;
        break;
    }
  }

  // Why a thread woke up, where that was no notification.
  static std::string Cause(const Event& event) {
    return event.detail == "spurious"  ? "spuriously: nobody notified it"
           : event.detail == "timeout" ? "its time was up"
                                       : "";
  }

  // "reads 0, written by main at counter.cc:3, not 1 from T1 at counter.cc:12:
  // no happens-before edge from there to here".
  std::string StaleNote(size_t i, const Step& step) {
    const Event& event = log_.events[i];
    const auto& read = event.read;
    const symbols::Variable& variable =
        names_.Variable(event.object, event.size);
    const Value seen =
        event.kind == EventKind::kAtomicLoad ? event.value : event.old_value;
    std::string note =
        absl::StrCat("stale: ", names_.ValueText(variable, seen));
    if (read.writer < 0) {
      absl::StrAppend(&note, " is the initial value");
    } else {
      absl::StrAppend(&note, " was written by ", Names::Thread(read.writer),
                      At({read.writer_pc}));
    }
    for (size_t k = i; k-- > 0;) {
      const Event& newer = log_.events[k];
      if (newer.object != event.object ||
          (newer.kind != EventKind::kAtomicStore &&
           newer.kind != EventKind::kAtomicRmw)) {
        continue;
      }
      if (newer.thread == read.writer && newer.step == read.writer_step) break;
      absl::StrAppend(&note, "; the newer ",
                      names_.ValueText(variable, newer.value), " from ",
                      Names::Thread(newer.thread), At(newer.stack),
                      " need not be seen: nothing orders that store before"
                      " this load");
      break;
    }
    (void)step;
    return note;
  }

  std::string At(const std::vector<uintptr_t>& stack) {
    const std::vector<SourceLocation> own = names_.Own(stack);
    return own.empty() ? "" : absl::StrCat(" at ", Short(own.front()));
  }

  // Source lines and repetition counts, and the middle of a long story left
  // out.
  void Shorten() {
    if (rows_.size() > kMaxRows) {
      const size_t left_out = rows_.size() - kMaxRows;
      rows_.erase(rows_.begin() + kFirstRows,
                  rows_.begin() + static_cast<long>(kFirstRows + left_out));
      std::string& note = rows_[kFirstRows].step.note;
      note = absl::StrCat("(", left_out, " steps before this one left out) ",
                          note);
    }
    for (Row& row : rows_) {
      Step& step = row.step;
      step.source = symbols::SourceText(request_.source_root, step.where.file,
                                        step.where.line);
      if (const auto it = repeats_.find(row.event); it != repeats_.end()) {
        absl::StrAppend(&step.operation, " ×", it->second + 1);
      }
    }
    for (const auto& [name, meaning] : names_.legend()) Explain(name, meaning);
  }

  // Says what a numbered name stands for where it is used first.
  void Explain(const std::string& name, const std::string& meaning) {
    const auto uses = [&](const std::string& text) {
      const size_t at = text.find(name);
      return at != text.npos && (at + name.size() == text.size() ||
                                 !absl::ascii_isdigit(text[at + name.size()]));
    };
    for (Row& row : rows_) {
      Step& step = row.step;
      if (!uses(step.object) && !uses(step.value)) continue;
      if (step.operation == "allocates") return;  // said by the row itself
      absl::StrAppend(&step.note, step.note.empty() ? "" : "; ", name, ": ",
                      meaning);
      return;
    }
  }

  const StepsRequest& request_;
  const EventLog& log_;
  Names& names_;
  const std::vector<bool> contended_;
  std::set<uintptr_t> shared_locks_;
  HeldLocks held_;
  std::map<ThreadId, uintptr_t> waits_;  // of blocked threads: for what
  bool threads_ = false;                 // there are several in the log
  bool started_ = false;                 // … and a second one has started
  std::map<size_t, int> repeats_;
  std::vector<Row> rows_;
};

}  // namespace

std::vector<Row> BuildSteps(const StepsRequest& request) {
  return Builder(request).Build();
}

}  // namespace racelab::model
