#include "build/inspect.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "build/capabilities.h"
#include "build/ir.h"
#include "build/linkage_names.h"

namespace racelab::build {
namespace {

bool IsStudents(const IrFrame& frame) {
  return frame.file.starts_with("student/") ||
         frame.file.starts_with("./student/");
}

// Made by the compiler, without instrumentation and place of its own; they
// call, but touch no memory.
bool IsCompilersOwn(const IrFunction& function) {
  return !function.touches_memory && function.subprogram < 0 &&
         (function.name == "__clang_call_terminate" ||
          function.name == "tsan.module_ctor" ||
          function.name.starts_with("_ZTW"));
}

class Inspector {
 public:
  explicit Inspector(const Inspection& inspection)
      : inspection_(inspection), module_(IrModule::Parse(inspection.ir)) {
    for (size_t i = 0; i < module_.functions().size(); ++i) {
      defined_[module_.functions()[i].name] = i;
    }
    for (const IrGlobal& global : module_.globals()) {
      if (global.defined) variables_.insert(global.name);
    }
  }

  std::vector<verdict::Finding> Inspect() {
    LookForHiding();
    LookForUses();
    for (const auto& [key, use] : groups_) Report(use.first, use.second);
    std::sort(findings_.begin(), findings_.end(),
              [](const verdict::Finding& a, const verdict::Finding& b) {
                // Those without a line last.
                const bool a_lost = a.where.line == 0;
                const bool b_lost = b.where.line == 0;
                return std::tie(a_lost, a.where.file, a.where.line, a.message) <
                       std::tie(b_lost, b.where.file, b.where.line, b.message);
              });
    return std::move(findings_);
  }

 private:
  // `what` completes "student/x.cc:12 …".
  void Report(const IrFrame& where, const std::string& what) {
    verdict::Finding finding;
    finding.kind = verdict::FailureKind::kForbiddenConstruct;
    finding.where.file = where.file.empty() ? inspection_.file : where.file;
    if (finding.where.file.starts_with("./")) finding.where.file.erase(0, 2);
    finding.where.line = std::max(where.line, 0);
    if (!where.function.empty()) {
      finding.where.function = Readable(where.function);
    }
    finding.message = absl::StrCat(
        finding.where.file,
        finding.where.line > 0 ? absl::StrCat(":", finding.where.line) : "",
        " ", what);
    if (said_.insert(finding.message).second) {
      findings_.push_back(std::move(finding));
    }
  }

  // The student's part of where an instruction comes from; else the innermost.
  IrFrame Blame(const IrUse& use, const IrFunction& function) const {
    const std::vector<IrFrame> frames = module_.Frames(use.location);
    for (const IrFrame& frame : frames) {
      if (IsStudents(frame)) return frame;
    }
    const IrFrame place = module_.Place(function);
    if (IsStudents(place) || frames.empty()) return place;
    return frames.front();
  }

  // Whether a function is to be looked at: all of a student's own object; of a
  // scenario's, those that a student's header wrote.
  bool IsOurs(const IrFunction& function) const {
    return inspection_.student || IsStudents(module_.Place(function));
  }

  void LookForHiding() {
    if (module_.module_asm()) Report({}, "contains assembly");
    for (const std::string& name : module_.early_constructors()) {
      Report({}, absl::StrCat("has ", Readable(name),
                              " run before or after the program by itself "
                              "(constructor or destructor attribute)"));
    }
    for (const IrFunction& function : module_.functions()) {
      const IrFrame place = module_.Place(function);
      for (const IrUse& use : function.uses) {
        if (use.inline_asm) {
          Report(Blame(use, function), "contains inline assembly");
        }
        if (use.other_address_space && inspection_.student) {
          Report(Blame(use, function),
                 "reads or writes through a segment register");
        }
      }
      if (inspection_.instrumented) LookForUnwatched(function);
      if (inspection_.instrumented && !function.sanitized &&
          !IsCompilersOwn(function) &&
          function.linkage != "available_externally") {
        Report(place, absl::StrCat("hides ", Readable(function.name),
                                   " from the race detector"));
      }
      // Nobody could say whose it is, nor which line calls what.
      if (function.subprogram < 0 && !IsCompilersOwn(function)) {
        Report(place, absl::StrCat("hides ", Readable(function.name),
                                   " from this check (nodebug attribute)"));
      }
      if (!IsOurs(function)) continue;
      if (function.has_section &&
          !function.name.starts_with("_GLOBAL__sub_I_") &&
          !function.name.starts_with("__cxx_global_var_init") &&
          function.name != "__tls_init" &&
          !function.name.starts_with("__cxx_global_array_dtor")) {
        Report(place, absl::StrCat("puts ", Readable(function.name),
                                   " into a section of its own"));
      }
      ReportTakeover(function.name, function.linkage, true, place);
    }
    if (!inspection_.student) return;
    for (const IrGlobal& global : module_.globals()) {
      if (!global.defined) continue;
      if (global.kind == IrGlobal::Kind::kIfunc) {
        Report({}, absl::StrCat("chooses ", Readable(global.name),
                                " while the program is being loaded (ifunc)"));
      }
      if (global.has_section && global.linkage != "private") {
        Report({}, absl::StrCat("puts ", Readable(global.name),
                                " into a section of its own"));
      }
      ReportTakeover(global.name, global.linkage,
                     global.kind != IrGlobal::Kind::kVariable, {});
    }
  }

  // Accesses that the instrumentation leaves out: no engine sees them.
  void LookForUnwatched(const IrFunction& function) {
    for (const IrUse& use : function.uses) {
      if (use.unwatched_bytes == 0 && !use.unwatched_copy) continue;
      const IrFrame from = Blame(use, function);
      if (!IsStudents(from)) continue;
      if (use.unwatched_bytes != 0) {
        Report(from, absl::StrCat(
                         "reads or writes ", use.unwatched_bytes,
                         " bytes at once, where other threads may see them: "
                         "no engine can watch that (instead of a long double, "
                         "take a double; instead of a wide vector, an array)"));
      } else if (!function.formats) {
        Report(from, "copies memory in a way that no engine can watch");
      }
    }
  }

  void ReportTakeover(const std::string& name, const std::string& linkage,
                      bool function, const IrFrame& place) {
    const std::string owner =
        TakesOver(name, linkage, function, IsStudents(place));
    if (owner.empty()) return;
    Report(place, absl::StrCat("defines ", Readable(name),
                               ", which belongs to ", owner));
  }

  // A place that is being followed: a function, and the student's line that
  // led there.
  struct Reached {
    size_t function;
    IrFrame from;
  };

  void LookForUses() {
    // From the student's own lines into the library templates that they
    // instantiate. Breadth first, so that the line that is named is a near one.
    std::vector<Reached> queue;
    std::set<size_t> seen;
    for (size_t i = 0; i < module_.functions().size(); ++i) {
      const IrFunction& function = module_.functions()[i];
      const bool own = IsStudents(module_.Place(function));
      for (const IrUse& use : function.uses) Look(use, own, function, queue);
    }
    for (size_t next = 0; next < queue.size(); ++next) {
      const Reached reached = queue[next];
      if (!seen.insert(reached.function).second) continue;
      const IrFunction& function = module_.functions()[reached.function];
      if (IsStudents(module_.Place(function))) continue;  // looked at above
      for (const IrUse& use : function.uses) {
        Follow(use, module_.Frames(use.location), reached.from, queue);
      }
    }
    if (!inspection_.student) return;
    // What no student's line led to: pointers in tables, and whatever was
    // written to look like a library's.
    for (const std::string& name : module_.declared()) ReportIfForbidden(name);
    for (const IrGlobal& global : module_.globals()) {
      if (!global.defined) ReportIfForbidden(global.name);
      // C functions whose address is taken. The rest is vtables, which name
      // what their classes are made of.
      for (const std::string& name : global.names) {
        if (!name.starts_with("_Z")) Use(name, "", global_frame_);
      }
    }
  }

  void ReportIfForbidden(const std::string& name) {
    if (reported_names_.contains(name)) return;
    // libstdc++'s waiting calls the kernel by number: latches, barriers,
    // futures and atomic waits do, inline.
    if (name == "syscall" && IsUsedOnlyIn("std::__detail::__platform_", name)) {
      return;
    }
    if (name.starts_with("__atomic_") && HasOnlySmallAtomics(name)) return;
    if (name == "__tsan_mutex_create" && IsUsedOnlyIn("absl::Mutex::", name)) {
      return;
    }
    if (MeaningOf(name).kind == Meaning::Kind::kForbidden) {
      Use(name, "", global_frame_);
    }
  }

  // Whether all calls of libatomic's `name` are about objects of up to 16
  // bytes, as the runners know them.
  bool HasOnlySmallAtomics(const std::string& name) const {
    for (const IrFunction& function : module_.functions()) {
      for (const IrUse& use : function.uses) {
        if (std::find(use.names.begin(), use.names.end(), name) !=
                use.names.end() &&
            (use.generic_atomic_bytes == 0 || use.generic_atomic_bytes > 16)) {
          return false;
        }
      }
    }
    return true;
  }

  // Whether nobody but the library's functions that begin so calls `name`.
  bool IsUsedOnlyIn(std::string_view functions, const std::string& name) const {
    for (const IrFunction& function : module_.functions()) {
      for (const IrUse& use : function.uses) {
        if (std::find(use.names.begin(), use.names.end(), name) ==
            use.names.end()) {
          continue;
        }
        const std::vector<IrFrame> frames = module_.Frames(use.location);
        if (std::none_of(
                frames.begin(), frames.end(),
                [functions](const IrFrame& frame) {
                  return Readable(frame.function).starts_with(functions);
                })) {
          return false;
        }
      }
    }
    return true;
  }

  // A use in any function: the student's if one of its frames is.
  void Look(const IrUse& use, bool own, const IrFunction& function,
            std::vector<Reached>& queue) {
    std::vector<IrFrame> frames = module_.Frames(use.location);
    const auto student = std::find_if(frames.begin(), frames.end(), IsStudents);
    if (student == frames.end() && !own) return;
    const IrFrame from =
        student == frames.end() ? module_.Place(function) : *student;
    // What was inlined between the student's line and the instruction.
    frames.erase(student, frames.end());
    Follow(use, frames, from, queue);
  }

  // `inlined`: library functions around the use, innermost first.
  void Follow(const IrUse& use, const std::vector<IrFrame>& inlined,
              const IrFrame& from, std::vector<Reached>& queue) {
    // The outermost component is what the student asked for.
    for (auto frame = inlined.rbegin(); frame != inlined.rend(); ++frame) {
      const Component component = ComponentOf(frame->function);
      if (!component.known) continue;
      if (!component.group.empty() && HasEffect(use)) {
        UseGroup(component.group, frame->function, SymbolOf(use), from);
      }
      return;
    }
    // A function static's guard is the compiler's.
    if (std::any_of(
            use.names.begin(), use.names.end(),
            [](const std::string& name) { return name.starts_with("_ZGV"); })) {
      return;
    }
    if (use.atomic) UseAtomic(inlined, from);
    for (const std::string& name : use.names) {
      if (name.starts_with("__tsan_atomic")) {
        UseAtomic(inlined, from);
        continue;
      }
      const auto function = defined_.find(name);
      if (function == defined_.end()) {
        Use(name, inlined.empty() ? "" : inlined.back().function, from);
        continue;
      }
      const Component component = ComponentOf(name);
      if (!component.known) {
        queue.push_back({function->second, from});
      } else if (!component.group.empty()) {
        UseGroup(component.group, name, "", from);
      }
    }
  }

  // Constructors that set fields and destructors that do nothing leave plain
  // accesses only: declaring a mutex is not yet using it.
  static bool HasEffect(const IrUse& use) {
    return use.atomic || std::any_of(use.names.begin(), use.names.end(),
                                     [](const std::string& name) {
                                       return !name.starts_with("__tsan_") ||
                                              name.starts_with("__tsan_atomic");
                                     });
  }

  // The C function behind it, for the message.
  std::string SymbolOf(const IrUse& use) const {
    for (const std::string& name : use.names) {
      if (!name.starts_with("_") && module_.declared().contains(name)) {
        return name;
      }
    }
    return "";
  }

  // Atomic operations count where the student or std::atomic wrote them, not
  // where a container's reference count did.
  void UseAtomic(const std::vector<IrFrame>& inlined, const IrFrame& from) {
    if (!inlined.empty() || Allowed("atomic")) return;
    ReportGroup("atomic", "an atomic operation", "", from);
  }

  void Use(const std::string& name, const std::string& through,
           const IrFrame& from) {
    if (defined_.contains(name) || variables_.contains(name)) return;
    const Meaning meaning = MeaningOf(name);
    if (meaning.kind == Meaning::Kind::kOrdinary) return;
    reported_names_.insert(name);
    const std::string shown = Readable(name);
    if (meaning.kind == Meaning::Kind::kForbidden) {
      Report(from,
             absl::StrCat("uses ", shown, ": ", std::string(meaning.why)));
      return;
    }
    for (const std::string_view group : meaning.groups) {
      if (Allowed(group)) return;
    }
    ReportGroup(meaning.groups.front(),
                through.empty() ? shown : Readable(through),
                through.empty() ? "" : shown, from);
  }

  void UseGroup(std::string_view group, const std::string& function,
                const std::string& symbol, const IrFrame& from) {
    if (Allowed(group)) return;
    ReportGroup(group, Readable(function), symbol, from);
  }

  bool Allowed(std::string_view group) const {
    const auto& may_use = inspection_.may_use;
    if (may_use.empty()) {
      // No list: what has to do with threads, and nothing else.
      static constexpr std::string_view kOther[] = {
          "process", "pipe", "poll",          "socket",
          "io",      "mmap", "shared_memory", "signal"};
      return std::find(std::begin(kOther), std::end(kOther), group) ==
             std::end(kOther);
    }
    return std::find(may_use.begin(), may_use.end(), group) != may_use.end();
  }

  // Once for each function and group: a guard that locks also unlocks.
  void ReportGroup(std::string_view group, const std::string& what,
                   const std::string& symbol, const IrFrame& from) {
    const std::string text = absl::StrCat(
        "uses ", what, symbol.empty() ? "" : absl::StrCat(" (", symbol, ")"),
        inspection_.may_use.empty()
            ? "; this lab does not allow it"
            : absl::StrCat("; this lab allows only: ",
                           absl::StrJoin(inspection_.may_use, ", ")));
    const auto [it, fresh] = groups_.try_emplace(
        {from.file, from.function, std::string(group)}, from, text);
    if (!fresh && from.line < it->second.first.line) it->second = {from, text};
  }

  const Inspection& inspection_;
  const IrModule module_;
  const IrFrame global_frame_;
  std::unordered_map<std::string, size_t> defined_;  // functions
  std::set<std::string> variables_;                  // defined ones
  std::set<std::string> said_;
  std::set<std::string> reported_names_;
  // By file, function and group: the first line, and what it uses.
  std::map<std::tuple<std::string, std::string, std::string>,
           std::pair<IrFrame, std::string>>
      groups_;
  std::vector<verdict::Finding> findings_;
};

}  // namespace

std::vector<verdict::Finding> Inspect(const Inspection& inspection) {
  return Inspector(inspection).Inspect();
}

}  // namespace racelab::build
