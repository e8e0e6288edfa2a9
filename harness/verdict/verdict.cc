#include "verdict/verdict.h"

#include <array>
#include <cstddef>
#include <utility>

namespace racelab::verdict {
namespace {

template <typename T, size_t N>
using Names = std::array<std::pair<T, std::string_view>, N>;

constexpr Names<Engine, 5> kEngines = {{
    {Engine::kStatic, "static"},
    {Engine::kTsan, "tsan"},
    {Engine::kStress, "stress"},
    {Engine::kModel, "model"},
    {Engine::kProcess, "process"},
}};

constexpr Names<Outcome, 4> kOutcomes = {{
    {Outcome::kPass, "pass"},
    {Outcome::kFail, "fail"},
    {Outcome::kInconclusive, "inconclusive"},
    {Outcome::kHarnessError, "harness-error"},
}};

constexpr Names<FailureKind, 12> kKinds = {{
    {FailureKind::kDataRace, "data-race"},
    {FailureKind::kWrongResult, "wrong-result"},
    {FailureKind::kDeadlock, "deadlock"},
    {FailureKind::kLivelock, "livelock"},
    {FailureKind::kUseAfterFree, "use-after-free"},
    {FailureKind::kDoubleFree, "double-free"},
    {FailureKind::kLeak, "leak"},
    {FailureKind::kMisuse, "misuse"},
    {FailureKind::kCrash, "crash"},
    {FailureKind::kUnreachable, "unreachable"},
    {FailureKind::kForbiddenConstruct, "forbidden-construct"},
    {FailureKind::kBuildError, "build-error"},
}};

constexpr Names<Evidence::Strength, 5> kStrengths = {{
    {Evidence::Strength::kNone, "none"},
    {Evidence::Strength::kExhausted, "exhausted"},
    {Evidence::Strength::kSampled, "sampled"},
    {Evidence::Strength::kRounds, "rounds"},
    {Evidence::Strength::kChecked, "checked"},
}};

template <typename T, size_t N>
std::string_view Find(const Names<T, N>& names, T value) {
  for (const auto& [candidate, name] : names) {
    if (candidate == value) return name;
  }
  return "unknown";
}

template <typename T, size_t N>
std::optional<T> Find(const Names<T, N>& names, std::string_view wanted) {
  for (const auto& [value, name] : names) {
    if (name == wanted) return value;
  }
  return std::nullopt;
}

}  // namespace

std::string_view Name(Engine engine) { return Find(kEngines, engine); }
std::string_view Name(Outcome outcome) { return Find(kOutcomes, outcome); }
std::string_view Name(FailureKind kind) { return Find(kKinds, kind); }
std::string_view Name(Evidence::Strength strength) {
  return Find(kStrengths, strength);
}

std::optional<Engine> EngineFromName(std::string_view name) {
  return Find(kEngines, name);
}
std::optional<Outcome> OutcomeFromName(std::string_view name) {
  return Find(kOutcomes, name);
}
std::optional<FailureKind> FailureKindFromName(std::string_view name) {
  return Find(kKinds, name);
}
std::optional<Evidence::Strength> StrengthFromName(std::string_view name) {
  return Find(kStrengths, name);
}

}  // namespace racelab::verdict
