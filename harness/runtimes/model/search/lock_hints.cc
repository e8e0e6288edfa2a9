#include "runtimes/model/search/lock_hints.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"

namespace racelab::model {
namespace {

using Function = DriverHooks::Function;

// More than a person would try one by one.
constexpr size_t kMaxMutexes = 3;
constexpr size_t kMaxFunctions = 4;

bool Accesses(EventKind kind) {
  switch (kind) {
    case EventKind::kPlainRead:
    case EventKind::kPlainWrite:
    case EventKind::kAtomicLoad:
    case EventKind::kAtomicStore:
    case EventKind::kAtomicRmw:
    case EventKind::kAtomicCasFailed:
    case EventKind::kFree:
      return true;
    default:
      return false;
  }
}

bool Writes(EventKind kind) {
  return kind == EventKind::kPlainWrite || kind == EventKind::kAtomicStore ||
         kind == EventKind::kAtomicRmw || kind == EventKind::kFree;
}

class LockHintFinder {
 public:
  LockHintFinder(const WorldFactory& make_world, const SearchOptions& options,
                 const EventLog& log, const DriverHooks& hooks,
                 const HintOptions& limits)
      : log_(log), hooks_(hooks), repair_(make_world, options, hooks, limits) {}

  std::vector<std::string> Find() {
    for (const uintptr_t mutex : Mutexes()) {
      const std::string name = hooks_.name(log_, mutex);
      if (name.empty()) continue;
      std::vector<Function> functions = FunctionsWithout(mutex);
      if (functions.empty() || functions.size() > kMaxFunctions) continue;
      for (const Function& function : functions) {
        if (const auto count = Excludes(mutex, {function})) {
          return {Sentence(name, {function}, *count)};
        }
      }
      if (functions.size() < 2) continue;
      std::optional<uint64_t> executions = Excludes(mutex, functions);
      if (!executions) continue;
      for (size_t i = 0; i < functions.size() && functions.size() > 2;) {
        std::vector<Function> fewer = functions;
        fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
        if (const auto count = Excludes(mutex, fewer)) {
          functions = std::move(fewer);
          executions = count;
        } else {
          ++i;
        }
      }
      return {Sentence(name, functions, *executions)};
    }
    return {};
  }

 private:
  // Those that were locked, in that order.
  std::vector<uintptr_t> Mutexes() const {
    std::vector<uintptr_t> result;
    for (const Event& event : log_.events) {
      if (event.kind == EventKind::kLock && result.size() < kMaxMutexes &&
          std::find(result.begin(), result.end(), event.object) ==
              result.end()) {
        result.push_back(event.object);
      }
    }
    return result;
  }

  static void Add(const Function& function, std::vector<Function>* to) {
    if (function.begin != function.end &&
        std::none_of(to->begin(), to->end(), [&](const Function& f) {
          return f.begin == function.begin;
        })) {
      to->push_back(function);
    }
  }

  // The functions in which a thread takes the mutex more than once: what was
  // true the first time may not be the second time.
  void AddThoseThatLetGo(uintptr_t mutex, std::vector<Function>* to) const {
    std::map<std::pair<ThreadId, uintptr_t>, int> times;
    for (const Event& event : log_.events) {
      if (event.kind != EventKind::kLock || event.object != mutex) continue;
      std::set<uintptr_t> counted;
      for (const uintptr_t pc : event.stack) {
        const Function function = hooks_.function({pc});
        if (!counted.insert(function.begin).second) continue;
        if (++times[{event.thread, function.begin}] == 2) Add(function, to);
      }
    }
  }

  // The functions that access what threads share, not holding the mutex, or not
  // all the time.
  std::vector<Function> FunctionsWithout(uintptr_t mutex) const {
    struct Use {
      uint32_t threads = 0;
      bool written = false;
    };
    std::map<uintptr_t, Use> uses;
    bool together = false;
    for (const Event& event : log_.events) {
      together |= event.kind == EventKind::kThreadStart;
      if (!together || !Accesses(event.kind)) continue;
      Use& use = uses[event.object];
      use.threads |= uint32_t{1} << event.thread;
      use.written |= Writes(event.kind);
    }
    std::vector<Function> result;
    std::set<std::pair<uint8_t, uintptr_t>> holding;
    for (const Event& event : log_.events) {
      const auto thread = static_cast<uint8_t>(event.thread);
      if (event.kind == EventKind::kLock) {
        holding.insert({thread, event.object});
      } else if (event.kind == EventKind::kUnlock) {
        holding.erase({thread, event.object});
      }
      if (!Accesses(event.kind) || holding.contains({thread, mutex})) continue;
      const Use& use = uses[event.object];
      if (!use.written || (use.threads & (use.threads - 1)) == 0) continue;
      Add(hooks_.function(event.stack), &result);
    }
    AddThoseThatLetGo(mutex, &result);
    return result;
  }

  std::optional<uint64_t> Excludes(uintptr_t mutex,
                                   const std::vector<Function>& functions) {
    WorldOptions changed;
    changed.holding.mutex = mutex;
    for (const Function& function : functions) {
      changed.holding.functions.push_back({function.begin, function.end});
    }
    return repair_.Excludes(std::move(changed));
  }

  static std::string Sentence(const std::string& mutex,
                              const std::vector<Function>& functions,
                              uint64_t executions) {
    std::string sentence = absl::StrCat("Holding ", mutex, " throughout ");
    for (size_t i = 0; i < functions.size(); ++i) {
      const verdict::SourceLocation& at = functions[i].declared;
      if (i > 0) {
        sentence += i + 1 == functions.size() ? " and " : ", ";
      }
      absl::StrAppend(&sentence, at.function, "() (",
                      at.file.substr(at.file.rfind('/') + 1), ":", at.line,
                      ")");
    }
    absl::StrAppend(&sentence, " would have excluded this failure: ");
    absl::StrAppend(&sentence,
                    executions == 1
                        ? "the only execution that is then possible"
                        : absl::StrCat("none of the ", executions,
                                       " executions that are then possible"),
                    executions == 1 ? " does not fail." : " fails.");
    return sentence;
  }

  const EventLog& log_;
  const DriverHooks& hooks_;
  Repair repair_;
};

}  // namespace

std::vector<std::string> FindLockHints(const WorldFactory& make_world,
                                       const SearchOptions& options,
                                       const EventLog& log,
                                       const DriverHooks& hooks,
                                       const HintOptions& limits) {
  if (!hooks.function || !hooks.name) return {};
  return LockHintFinder(make_world, options, log, hooks, limits).Find();
}

}  // namespace racelab::model
