// Runs the compiler and the linker in the sandbox: one translation unit or one
// module at a time.

#ifndef RACELAB_BUILD_COMPILE_H_
#define RACELAB_BUILD_COMPILE_H_

#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "build/cache.h"
#include "build/toolchain.h"

namespace racelab::build {

// Where everything is, on the machine.
struct Workshop {
  Toolchain toolchain;
  // Holds labkit/ and nothing else that a translation unit may see.
  std::filesystem::path include;
  // Holds the precompiled headers of both variants.
  std::filesystem::path precompiled;
  const Cache* cache = nullptr;
  bool no_sandbox = false;
};

struct Unit {
  // Below the sources: "student/counter.cc" or "scenario.cc".
  std::string file;
  // Sees student/ only; and no precompiled header, so that a missing #include
  // is missed.
  bool student = false;
  Variant variant = Variant::kInstrumented;
};

// What the compiler or linker made of it. Not `ok` is the input's fault.
struct ToolResult {
  bool ok = false;
  std::string output;       // the object or module
  std::string ir;           // LLVM's text form, optimized; clang only
  std::string diagnostics;  // what it said, warnings included
};

// `sources` holds student/, scenario.cc and headers/ (student/ without its
// sources, for the scenario). A status is our fault.
absl::StatusOr<ToolResult> Compile(const Workshop& workshop,
                                   const std::filesystem::path& sources,
                                   const Unit& unit);

// Links objects (their contents) into a shared object. `names` are the units'
// names, for messages.
absl::StatusOr<ToolResult> Link(const Workshop& workshop,
                                const std::vector<std::string>& names,
                                const std::vector<std::string>& objects);

// Compiles labkit/labkit.h for one variant into `workshop.precompiled`, which
// must be writable. For clang: gcc's own take more room than they save time.
absl::StatusOr<ToolResult> Precompile(const Workshop& workshop,
                                      Variant variant);

}  // namespace racelab::build

#endif  // RACELAB_BUILD_COMPILE_H_
