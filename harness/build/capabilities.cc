#include "build/capabilities.h"

#include <dlfcn.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "build/capability_rules.h"
#include "build/linkage_names.h"

namespace racelab::build {

using Kind = Meaning::Kind;

const std::vector<std::string>& CapabilityGroups() {
  static const auto* const groups = new std::vector<std::string>{
      "mutex",         "shared_mutex", "condition_variable",
      "semaphore",     "atomic",       "thread",
      "future",        "call_once",    "latch",
      "barrier",       "absl_mutex",   "sleep",
      "process",       "pipe",         "poll",
      "socket",        "io",           "mmap",
      "shared_memory", "signal"};
  return *groups;
}

absl::Status CheckGroups(const std::vector<std::string>& may_use) {
  const std::vector<std::string>& known = CapabilityGroups();
  std::vector<std::string> unknown;
  for (const std::string& group : may_use) {
    if (std::find(known.begin(), known.end(), group) == known.end()) {
      unknown.push_back(absl::StrCat("\"", group, "\""));
    }
  }
  if (unknown.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("may_use: unknown group ", absl::StrJoin(unknown, ", "),
                   "; the groups are ", absl::StrJoin(known, ", ")));
}

Meaning MeaningOf(const std::string& symbol) {
  Meaning meaning;
  if (symbol.starts_with("_Z")) {
    const std::string name = QualifiedName(symbol);
    if (name.starts_with("testing::") || name.starts_with("racelab::")) {
      return {Kind::kForbidden, {}, "it is the tests' own"};
    }
    const Component component = ComponentOf(symbol);
    if (component.known && !component.group.empty()) {
      meaning.kind = Kind::kGroup;
      meaning.groups = {component.group};
    }
    return meaning;
  }
  for (const ForbiddenRule& rule : ForbiddenRules()) {
    if (Matches(rule.pattern, symbol)) {
      return {Kind::kForbidden, {}, rule.why};
    }
  }
  for (const GroupRule& rule : GroupRules()) {
    if (!Matches(rule.pattern, symbol)) continue;
    if (rule.groups.empty()) return meaning;
    return {Kind::kGroup, rule.groups, ""};
  }
  if (symbol.starts_with("llvm.x86.") && symbol != "llvm.x86.sse2.pause") {
    return {Kind::kForbidden, {}, kBypasses};
  }
  if (!symbol.starts_with("_")) return meaning;
  if (symbol.starts_with("__tsan_") || symbol.starts_with("__sanitizer_")) {
    if (MatchesAny(Instrumentation(), symbol)) return meaning;
    return {Kind::kForbidden, {}, kDetector};
  }
  const std::string_view name = symbol;
  if (name.size() > 6 && name.starts_with("__") && name.ends_with("_chk")) {
    // "__read_chk" means what "read" does.
    return MeaningOf(std::string(name.substr(2, name.size() - 6)));
  }
  if (MatchesAny(ReservedButOrdinary(), symbol)) return meaning;
  return {Kind::kForbidden, {}, "it is internal to the system's libraries"};
}

Component ComponentOf(const std::string& function) {
  const std::string name = QualifiedName(function);
  for (const ComponentRule& rule : ComponentRules()) {
    if (name.starts_with(rule.prefix)) return {true, rule.group};
  }
  return {};
}

std::string TakesOver(const std::string& symbol, std::string_view linkage,
                      bool function) {
  if (linkage == "internal" || linkage == "private") return "";
  if (symbol.starts_with("_Z")) {
    const std::string name = QualifiedName(symbol);
    const bool made_by_template = linkage.starts_with("linkonce") ||
                                  linkage.starts_with("weak_odr") ||
                                  linkage == "available_externally";
    if (name.starts_with("testing::")) return "GoogleTest";
    if (name.starts_with("racelab::") || name.starts_with("labkit::")) {
      return "the harness";
    }
    if (name.starts_with("operator new") ||
        name.starts_with("operator delete")) {
      return "memory allocation";
    }
    if (made_by_template) return "";
    if (name.starts_with("__cxxabiv1::") || name.starts_with("__gnu_cxx::")) {
      return "the C++ library";
    }
    // A specialization for a type of one's own is fine: std::hash<Seat>.
    if (name.starts_with("std::") && name.find('<') == std::string::npos) {
      return "the C++ library";
    }
    if (name.starts_with("absl::")) return "Abseil";
    return "";
  }
  if (symbol.starts_with("__tsan") || symbol.starts_with("__sanitizer") ||
      symbol.starts_with("__asan") || symbol.starts_with("__ubsan") ||
      symbol.starts_with("__llvm") || symbol.starts_with("Annotate")) {
    return "the race detector";
  }
  if (symbol.starts_with("racelab_")) return "the harness";
  if (symbol == "DW.ref.__gxx_personality_v0" || symbol == "__tls_init" ||
      symbol == "__clang_call_terminate" || symbol == "__tls_guard" ||
      symbol == "__dso_handle") {
    return "";
  }
  if (symbol.starts_with("__")) return "the system's libraries";
  // A variable called `index` is its own; a function called `write` is not.
  if (function && (dlsym(RTLD_DEFAULT, symbol.c_str()) != nullptr ||
                   MeaningOf(symbol).kind != Kind::kOrdinary)) {
    return "libc";
  }
  return "";
}

}  // namespace racelab::build
