#include "manifest/names.h"

#include "manifest/catalog.h"
#include "manifest/text.h"
namespace racelab::manifest {
namespace {

using verdict::Engine;
using verdict::FailureKind;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsAlnum(char c) {
  return IsDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool IsIdentifier(std::string_view text) {
  if (text.empty() || IsDigit(text[0])) return false;
  for (char c : text) {
    if (!IsAlnum(c) && c != '_') return false;
  }
  return true;
}

const std::vector<std::string>& KindNames() {
  static const auto* const kNames = [] {
    auto* names = new std::vector<std::string>;
    for (int i = 0; i <= static_cast<int>(FailureKind::kBuildError); ++i) {
      names->emplace_back(verdict::Name(static_cast<FailureKind>(i)));
    }
    return names;
  }();
  return *kNames;
}

}  // namespace

bool IsTestName(std::string_view name) {
  const std::vector<std::string_view> parts = Split(name, '.');
  return parts.size() == 2 && IsIdentifier(parts[0]) && IsIdentifier(parts[1]);
}

bool IsSafeRelative(std::string_view path) {
  if (path.empty() || path.find('\0') != std::string_view::npos) return false;
  for (std::string_view part : Split(path, '/')) {
    if (part.empty() || part == "." || part == "..") return false;
  }
  return true;
}

std::optional<Engine> RunnerFromName(std::string_view name) {
  const std::optional<Engine> engine = verdict::EngineFromName(name);
  if (engine == Engine::kStatic) return std::nullopt;
  return engine;
}

const std::vector<std::string>& RunnerNames() {
  static const auto* const kNames =
      new std::vector<std::string>{"tsan", "stress", "model", "process"};
  return *kNames;
}

std::vector<std::string> TestNames(const Lab& lab) {
  std::vector<std::string> names;
  for (const Test& test : lab.tests) names.push_back(test.name);
  return names;
}

std::string UnknownName(std::string_view what, std::string_view name,
                        const std::vector<std::string>& known) {
  std::string message = Cat("unknown ", what, " \"", name, "\"");
  const std::vector<std::string> nearest = NearestNames(name, known);
  if (!nearest.empty()) {
    Append(message, "; did you mean \"", nearest[0], "\"?");
  } else {
    Append(message, "; there are ", Join(known, ", "));
  }
  return message;
}

std::optional<Engine> EngineOf(Document& document,
                               const toml::source_region& where,
                               const std::string& name) {
  const std::optional<Engine> engine = verdict::EngineFromName(name);
  if (!engine.has_value()) {
    std::vector<std::string> known = RunnerNames();
    known.emplace_back("static");
    document.Complain(where, UnknownName("engine", name, known));
  }
  return engine;
}

void ReadKinds(Document& document, const toml::source_region& where,
               const std::vector<std::string>& names,
               std::vector<FailureKind>& kinds) {
  for (const std::string& name : names) {
    if (const std::optional<FailureKind> kind =
            verdict::FailureKindFromName(name)) {
      kinds.push_back(*kind);
    } else {
      document.Complain(where, UnknownName("kind", name, KindNames()));
    }
  }
}

}  // namespace racelab::manifest
