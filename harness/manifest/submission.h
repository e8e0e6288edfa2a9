// Taking a lab's editable files out of a folder that somebody else filled.
//
// Only the files that the manifest calls editable are taken, whatever else is
// there; they are read through directories that are opened one by one without
// following links, so that neither a symbolic link nor `..` leads outside.

#ifndef RACELAB_MANIFEST_SUBMISSION_H_
#define RACELAB_MANIFEST_SUBMISSION_H_

#include <filesystem>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "manifest/manifest.h"

namespace racelab::manifest {

// Name below student/ → content. Ordered, so that hashes are stable.
using Files = std::map<std::string, std::string>;

// The largest editable file that is taken, in bytes.
inline constexpr size_t kMaxFileSize = 1 << 20;

// From DIR/<lab>/student/…, or, where that folder is missing and
// `single_lab`, from DIR/student/…. Errors:
//   NotFound            the folder holds nothing for this lab
//   FailedPrecondition  a part of the files is missing; the message names each
//   InvalidArgument     a link, a special file, a file over kMaxFileSize
absl::StatusOr<Files> TakeSubmission(const Lab& lab,
                                     const std::filesystem::path& dir,
                                     bool single_lab);

// The lab's own editable files: the starter, or what the student has made of
// it in place.
absl::StatusOr<Files> TakeStarter(const Lab& lab);

// An answer kept under solutions/: what `directory` holds, over `starter`.
// InvalidArgument for a file that is not editable (expect.toml and accept.toml
// apart), or if there is none that is.
absl::StatusOr<Files> TakeAnswer(const Lab& lab, const Files& starter,
                                 const std::filesystem::path& directory);

}  // namespace racelab::manifest

#endif  // RACELAB_MANIFEST_SUBMISSION_H_
