// What racelab remembers of a student's work, below .racelab/:
//
//   state/<module>/<lab>.json    last check, hints shown
//   starters/<module>/<lab>/     the starter as it came, for `reset`
//   kept/<lab>/<time>/           work that `reset` has put aside
//
// All of it may be deleted at any time; a damaged file counts as missing. (The
// starters are then taken anew from what is there.)

#ifndef RACELAB_CLI_STATE_H_
#define RACELAB_CLI_STATE_H_

#include <filesystem>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cli/context.h"
#include "manifest/catalog.h"
#include "manifest/manifest.h"
#include "manifest/submission.h"
#include "verdict/verdict.h"

namespace racelab::cli {

struct LastCheck {
  verdict::Outcome outcome = verdict::Outcome::kHarnessError;
  int points = 0;
  int max_points = 0;
  std::string at;      // RFC 3339
  std::string digest;  // of the files that were checked
};

struct LabState {
  int hints_shown = 0;
  std::optional<LastCheck> last_check;
};

LabState LoadState(const Context& context, const std::string& module,
                   const std::string& lab);
absl::Status SaveState(const Context& context, const std::string& module,
                       const std::string& lab, const LabState& state);

std::string DigestOf(const manifest::Files& files);

// Copies the starter of every lab that has no copy yet. Called at every start,
// so that the copy is made before the student edits.
absl::Status KeepStarters(const Context& context,
                          const manifest::Catalog& catalog);
// Replaces the copy by `files`: what `verify` has just proved to be a starter.
absl::Status KeepStarter(const Context& context, const manifest::Lab& lab,
                         const manifest::Files& files);
// Editable files that were deleted, from that copy: without them a lab cannot
// even be loaded.
absl::Status BringBackMissing(const Context& context,
                              const manifest::LabFolder& folder);
// The kept starter's editable files.
absl::StatusOr<manifest::Files> KeptStarter(const Context& context,
                                            const manifest::Lab& lab);

// The files under student/ that are not editable: a grade takes the lab's own,
// whatever a student made of them. As they are, and as they were kept with the
// starter; nothing if they were not.
manifest::Files OtherFiles(const manifest::Lab& lab);
std::optional<manifest::Files> KeptOtherFiles(const Context& context,
                                              const manifest::Lab& lab);

}  // namespace racelab::cli

#endif  // RACELAB_CLI_STATE_H_
