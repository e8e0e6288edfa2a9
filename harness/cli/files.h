// Files that are whole or not there.

#ifndef RACELAB_CLI_FILES_H_
#define RACELAB_CLI_FILES_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace racelab::cli {

// Writes `content` beside `file` and renames it to `file`, so that a reader, or
// an interrupt, never sees a part. Makes the folders above. PermissionDenied
// names the file and the reason.
absl::Status WriteWhole(const std::filesystem::path& file,
                        std::string_view content);

// NotFound if it cannot be read.
absl::StatusOr<std::string> ReadWhole(const std::filesystem::path& file);

// OK if a file can be made in `folder`, which is made if missing.
absl::Status CheckWritable(const std::filesystem::path& folder);

// 32 hex digits over what was added, in order. To notice changes, not to
// withstand somebody who wants two contents of one digest.
class Digest {
 public:
  // Adds the length too, so that "ab" "c" differs from "a" "bc".
  void Add(std::string_view bytes);
  // Adds every file below `folder`, name and content, in the order of the
  // names; with `takes`, those of which it says so, by their path from there.
  void AddFolder(const std::filesystem::path& folder,
                 bool (*takes)(const std::filesystem::path&) = nullptr);
  std::string Hex() const;

 private:
  uint64_t a_ = 0xcbf29ce484222325;
  uint64_t b_ = 0x9e3779b97f4a7c15;
};

}  // namespace racelab::cli

#endif  // RACELAB_CLI_FILES_H_
