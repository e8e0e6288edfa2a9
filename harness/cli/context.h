// Where things are, for every subcommand: made once, in main.

#ifndef RACELAB_CLI_CONTEXT_H_
#define RACELAB_CLI_CONTEXT_H_

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "build/modules.h"
#include "manifest/catalog.h"

namespace racelab::cli {

inline constexpr std::string_view kVersion = "0.1";

struct Context {
  std::filesystem::path root;     // the project: labs/, solutions/, …
  std::filesystem::path harness;  // the harness's sources
  std::filesystem::path runners;  // the folder of runner.tsan, …
  std::filesystem::path state;    // .racelab/: what is remembered, the cache
  build::Compiler compiler = build::Compiler::kClang19;
  bool no_sandbox = false;
  std::string command;  // as given: "racelab check lost_update"
};

// The project that `start` lies in: the nearest folder upwards with labs/ and a
// file racelab. NotFound says what to do.
absl::StatusOr<std::filesystem::path> FindRoot(
    const std::filesystem::path& start);

// "racelab: " and the message to stderr. Returns `exit_code`.
int Fail(const absl::Status& status, int exit_code);
int Fail(std::string_view message, int exit_code);

// The exit code after an interrupt, as a shell reports one: 128 + SIGINT.
inline constexpr int kExitInterrupted = 130;

// `text` for one shell word: quoted only where it must be.
std::string ShellWord(std::string_view text);

// This moment as RFC 3339 in UTC, "2026-01-31T12:00:00Z".
std::string Now();

}  // namespace racelab::cli

#endif  // RACELAB_CLI_CONTEXT_H_
