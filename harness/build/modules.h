// What a build leaves for the engines: plain values.

#ifndef RACELAB_BUILD_MODULES_H_
#define RACELAB_BUILD_MODULES_H_

#include <filesystem>
#include <string>
#include <string_view>

namespace racelab::build {

// Which compiler makes the modules. Both feed the same runners.
enum class Compiler { kClang19, kGcc12 };

// "clang-19", "gcc-12": used on the command line and in cache keys.
std::string_view Name(Compiler compiler);

// One lab, compiled. The files lie in the build cache and are never changed
// once they are there. Eviction leaves alone what was used within the last
// hour, so that a run never loses its module.
struct Modules {
  std::filesystem::path instrumented;  // for tsan, stress with delays, model
  // For stress at full speed and process; not there if neither is to run.
  std::filesystem::path native;
  // A folder with student/ and scenario.cc as they were compiled: where the
  // runners find the text of a source line.
  std::filesystem::path source_root;
  // 16 hex digits over every source file of the module, flags and compiler
  // left out: what a replay token is bound to.
  std::string source_hash;
  Compiler compiler = Compiler::kClang19;
};

}  // namespace racelab::build

#endif  // RACELAB_BUILD_MODULES_H_
