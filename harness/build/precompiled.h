// Headers in compiled form, so that units which begin with the same ones do not
// parse them again.

#ifndef RACELAB_BUILD_PRECOMPILED_H_
#define RACELAB_BUILD_PRECOMPILED_H_

#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "build/compile.h"
#include "build/toolchain.h"

namespace racelab::build {

// Whether units can be given precompiled headers: clang's, in the sandbox. A
// precompiled header keeps the paths that it was made with, and only the
// sandbox's stay the same; gcc's take more room than they save time.
bool CanPrecompile(const Workshop& workshop);

// The folder for Unit::precompiled, from the cache or into it; one caller makes
// it, others wait. `headers` as in `#include <…>`. InvalidArgument with the
// compiler's words if they do not compile.
absl::StatusOr<std::filesystem::path> Precompiled(
    const Workshop& workshop, Variant variant,
    const std::vector<std::string>& headers);

}  // namespace racelab::build

#endif  // RACELAB_BUILD_PRECOMPILED_H_
