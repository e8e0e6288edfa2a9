#include "build/capabilities.h"

#include <dlfcn.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
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
  // A version says nothing else: "exit@GLIBC_2.2.5".
  if (const size_t version = symbol.find('@');
      version != std::string::npos && version > 0) {
    return MeaningOf(symbol.substr(0, version));
  }
  Meaning meaning;
  if (symbol.starts_with("_Z")) {
    const std::string name = QualifiedName(symbol);
    // rl is Relacy's, in runner.model.
    for (const char* theirs : {"testing::", "racelab::", "rl::"}) {
      if (name.starts_with(theirs)) {
        return {Kind::kForbidden, {}, "it is the tests' own"};
      }
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

namespace {

// Whether what a name names, without the function's parameters, has to do with
// a type that is no library's: "std::hash<museum::Seat>::operator()" has.
bool HasOwnType(std::string_view name) {
  static constexpr std::string_view kOthers[] = {
      "std",      "operator", "unsigned", "signed",   "char",   "short",
      "int",      "long",     "bool",     "float",    "double", "void",
      "const",    "volatile", "wchar_t",  "char8_t",  "true",   "false",
      "char16_t", "char32_t", "__int128", "__gnu_cxx"};
  const auto in_word = [](char c) {
    return absl::ascii_isalnum(c) || c == '_' || c == '{';
  };
  for (size_t at = 0; at < name.size(); ++at) {
    if (!in_word(name[at])) continue;
    const size_t begin = at;
    while (at < name.size() && in_word(name[at])) ++at;
    const std::string_view word = name.substr(begin, at - begin);
    // What comes behind "std::" is the library's as well.
    if (name.substr(0, begin).ends_with("::") || absl::ascii_isdigit(word[0])) {
      continue;
    }
    if (std::find(std::begin(kOthers), std::end(kOthers), word) ==
        std::end(kOthers)) {
      return true;
    }
  }
  return false;
}

// Templates that people specialize for the library's types too, and that
// nothing works without.
bool MayBeSpecialized(std::string_view name) {
  static constexpr std::string_view kTraits[] = {
      "std::hash<",     "std::less<",           "std::greater<",
      "std::equal_to<", "std::numeric_limits<", "std::char_traits<",
      "std::swap<",     "std::default_delete<", "std::formatter<"};
  return std::any_of(
      std::begin(kTraits), std::end(kTraits),
      [name](std::string_view trait) { return name.starts_with(trait); });
}

}  // namespace

std::string TakesOver(const std::string& symbol, std::string_view linkage,
                      bool function, bool by_hand) {
  if (const size_t version = symbol.find('@');
      version != std::string::npos && version > 0) {
    return TakesOver(symbol.substr(0, version), linkage, function, by_hand);
  }
  if (linkage == "internal" || linkage == "private") return "";
  if (symbol.starts_with("_Z")) {
    const std::string name = QualifiedName(symbol);
    // An inline function of a student's is linked like one of a template.
    const bool made_by_template =
        !by_hand &&
        (linkage.starts_with("linkonce") || linkage.starts_with("weak_odr") ||
         linkage == "available_externally");
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
    // One for vector<int> is the scenario's as well.
    if (name.starts_with("std::") &&
        (name.find('<') == std::string::npos ||
         (by_hand && !MayBeSpecialized(name) && !HasOwnType(name)))) {
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
