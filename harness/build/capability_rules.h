// The tables behind capabilities.h: which names belong to which group, which
// are never allowed, and which only look suspicious. In every table the first
// match counts.

#ifndef RACELAB_BUILD_CAPABILITY_RULES_H_
#define RACELAB_BUILD_CAPABILITY_RULES_H_

#include <span>
#include <string_view>
#include <vector>

namespace racelab::build {

// Patterns are names, or prefixes where they end in '*'.
bool Matches(std::string_view pattern, std::string_view name);
bool MatchesAny(std::span<const std::string_view> patterns,
                std::string_view name);

// C names that belong to groups; to none: they are ordinary.
struct GroupRule {
  std::string_view pattern;
  std::vector<std::string_view> groups;
};
const std::vector<GroupRule>& GroupRules();

// Why a name is never allowed, as it is told to the student.
inline constexpr std::string_view kEndsEarly =
    "it ends the program before the test does";
inline constexpr std::string_view kBypasses =
    "it goes around what checks the program";
inline constexpr std::string_view kDetector = "it talks to the race detector";
inline constexpr std::string_view kUnwatched =
    "no engine sees what it does to memory";
inline constexpr std::string_view kSurroundings =
    "it changes the test's surroundings";

struct ForbiddenRule {
  std::string_view pattern;
  std::string_view why;
};
std::span<const ForbiddenRule> ForbiddenRules();

// Names beginning with '_' that compilers and headers bring in by themselves.
std::span<const std::string_view> ReservedButOrdinary();

// What -fsanitize=thread puts in. Anything else that begins so was written by
// hand: __tsan_ignore_thread_begin, __tsan_acquire, …
std::span<const std::string_view> Instrumentation();

// Components of libraries, by how their qualified names begin.
struct ComponentRule {
  std::string_view prefix;
  std::string_view group;  // empty: ordinary
};
std::span<const ComponentRule> ComponentRules();

}  // namespace racelab::build

#endif  // RACELAB_BUILD_CAPABILITY_RULES_H_
