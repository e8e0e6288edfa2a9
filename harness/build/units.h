// The translation units of a module: compiled, or from the cache.

#ifndef RACELAB_BUILD_UNITS_H_
#define RACELAB_BUILD_UNITS_H_

#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "build/cache.h"
#include "build/compile.h"
#include "build/sources.h"

namespace racelab::build {

// One translation unit in one variant, with where its result goes.
struct Task {
  Unit unit;
  std::string key;
  // The headers that the unit begins with, as in `#include <…>`.
  std::vector<std::string> headers;
  // Only to be read by inspect.h: clang's view of a unit that gcc compiles.
  bool only_read = false;
  absl::StatusOr<ToolResult> result = absl::UnknownError("not compiled");
};

// The unit's name in the cache, by all that it is made of; `tools` is a
// Workshop's key.
std::string UnitKey(const std::string& tools, const Sources& sources,
                    const Unit& unit);

// Does all of them, two at a time, from the first to the last; what the cache
// has is taken from there, unless `fresh`. `reader` compiles what is only read.
void DoAll(const Workshop& workshop, const Workshop& reader, const Cache& cache,
           const std::filesystem::path& sources, bool fresh,
           std::vector<Task>& tasks);

}  // namespace racelab::build

#endif  // RACELAB_BUILD_UNITS_H_
