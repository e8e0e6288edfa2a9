// Runs the compiler and the linker in the sandbox: one translation unit or one
// module at a time.

#ifndef RACELAB_BUILD_COMPILE_H_
#define RACELAB_BUILD_COMPILE_H_

#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "build/cache.h"
#include "build/toolchain.h"
#include "sandbox/sandbox.h"

namespace racelab::build {

// Where everything is, on the machine.
struct Workshop {
  Toolchain toolchain;
  // Holds labkit/ and nothing else that a translation unit may see.
  std::filesystem::path include;
  // Names toolchain and labkit together; part of what is made with them.
  std::string key;
  const Cache* cache = nullptr;
  bool no_sandbox = false;
};

struct Unit {
  // Below the sources: "student/counter.cc" or "scenario.cc".
  std::string file;
  bool student = false;  // sees student/ only
  Variant variant = Variant::kInstrumented;
  // What precompiled.h made of the headers that it begins with; may be empty.
  std::filesystem::path precompiled = {};
};

// What the compiler or linker made of it. Not `ok` is the input's fault.
struct ToolResult {
  bool ok = false;
  bool stopped = false;     // by a limit, or it broke down
  std::string output;       // the object or module
  std::string ir;           // LLVM's text form, optimized; clang only
  std::string diagnostics;  // what it said, warnings included
};

// Unavailable where the machine ended a tool, and not the tool's input: by a
// signal that no tool sends itself, to it or to a child of its driver, or by
// giving it too little time. `tool` is what was run.
absl::Status EndedFromOutside(const sandbox::RunResult& run,
                              const sandbox::Limits& limits,
                              const std::string& tool);

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

// Compiles `folder`/headers.h for one variant into `folder`/headers.pch.
absl::StatusOr<ToolResult> Precompile(const Workshop& workshop, Variant variant,
                                      const std::filesystem::path& folder);

}  // namespace racelab::build

#endif  // RACELAB_BUILD_COMPILE_H_
