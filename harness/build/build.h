// Compiles a lab with somebody's files into modules, and reads what came out.
//
//   student/*.cc ─┬─ one object each ─┐
//   scenario.cc  ─┴─ one object ──────┴─ module.so      twice: instrumented,
//   native
//
// Hostile input: the student's files, at compile time too. Each is compiled in
// the sandbox, alone with the student's own folder, the labkit and the system's
// headers, so that neither `#include` nor `.incbin` finds the scenario, a
// solution or another submission, and a compiler bomb ends at its limits.
//
// What was compiled is then read (inspect.h): calls outside the lab's `may_use`
// and code that hides from the instrumentation are findings too.
//
// The cache is addressed by content: sources, the harness's labkit headers,
// flags and the compiler's version. Any number of racelab processes may share
// it; an entry appears whole (made beside, then renamed) or not at all. It is
// bounded in size: the least recently used entries go first.
//
// Thread safety: Build may be called from any threads at once.

#ifndef RACELAB_BUILD_BUILD_H_
#define RACELAB_BUILD_BUILD_H_

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "build/modules.h"
#include "manifest/manifest.h"
#include "manifest/submission.h"
#include "verdict/verdict.h"

namespace racelab::build {

struct BuildRequest {
  const manifest::Lab* lab = nullptr;
  // The editable files (TakeSubmission, TakeStarter, TakeAnswer). The lab's
  // other files under student/ and its scenario.cc are read from its folder.
  manifest::Files student;
  // Who will run the modules; empty: every engine that the lab names. Only what
  // these need is compiled.
  std::vector<verdict::Engine> engines;
  Compiler compiler = Compiler::kClang19;
  std::filesystem::path harness;  // the harness's sources: labkit/ lies there
  std::filesystem::path cache;    // made if missing
  uint64_t cache_bytes = uint64_t{2} << 30;
  // Ask the compiler although the cache has the answer (the new one is kept).
  bool fresh = false;
  // Compile without isolation where the machine has none. Never the default.
  bool no_sandbox = false;
};

// Either `modules` can be run, or `findings` say why not. Both may be there:
// a forbidden construct (kForbiddenConstruct) in code that compiles. Then the
// engines may still run, but nothing is passed.
struct BuildOutcome {
  std::optional<Modules> modules;
  // kBuildError: one finding, with the compiler's own message in `output` and
  // the place of the first error in `where`; an error in scenario.cc counts,
  // because it is made by files that do not fit it. kForbiddenConstruct: one
  // for each, at most 20. With gcc, the static check reads what clang makes of
  // the same files.
  std::vector<verdict::Finding> findings;
  std::string warnings;  // the compiler's, about the student's files
  bool from_cache = false;
  double seconds = 0;
};

// Errors are ours, never the student's:
//   NotFound            a compiler or the labkit is missing; says which package
//   FailedPrecondition  no isolation on this machine and !no_sandbox
//   ResourceExhausted   the cache's disk is full
//   Unavailable         the compiler or its sandbox was killed from outside, or
//                       got too little time
//   InvalidArgument     `may_use` names a group that does not exist
//   Internal            the compiler crashed, the cache cannot be written, …
absl::StatusOr<BuildOutcome> Build(const BuildRequest& request);

}  // namespace racelab::build

#endif  // RACELAB_BUILD_BUILD_H_
