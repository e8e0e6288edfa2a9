// The compilers, and the flags that make a module of a lab.

#ifndef RACELAB_BUILD_TOOLCHAIN_H_
#define RACELAB_BUILD_TOOLCHAIN_H_

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "build/modules.h"

namespace racelab::build {

enum class Variant { kInstrumented, kNative };
std::string_view Name(Variant variant);

struct Toolchain {
  Compiler compiler = Compiler::kClang19;
  std::string path;  // "/usr/bin/clang++-19"
  // The linker's driver, for the objects of both compilers: gcc's starts in a
  // twentieth of the time that clang's takes.
  std::string linker;
  // Changes when the compiler or the system's headers do.
  std::string identity;
};

// NotFound names the package to install.
absl::StatusOr<Toolchain> FindToolchain(Compiler compiler);

// Of every translation unit, and of the precompiled header.
std::vector<std::string> CompileFlags(Compiler compiler, Variant variant);

std::vector<std::string> LinkFlags();

}  // namespace racelab::build

#endif  // RACELAB_BUILD_TOOLCHAIN_H_
