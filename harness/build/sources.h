// The files that a module is made from.

#ifndef RACELAB_BUILD_SOURCES_H_
#define RACELAB_BUILD_SOURCES_H_

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "manifest/manifest.h"
#include "manifest/submission.h"

namespace racelab::build {

// Content by name: "student/counter.cc", "scenario.cc", "labkit/labkit.h".
using Sources = std::map<std::string, std::string>;

// A translation unit, not a header.
bool IsSource(std::string_view name);

// Whether editors or systems leave files of this name beside the program's
// (".counter.cc.swp", "counter.cc~", …), or in a folder of it. No part of a
// lab.
bool IsLeftBehind(const std::filesystem::path& name);

// The lab's own files, with `files` in the place of the editable ones.
absl::StatusOr<Sources> Collect(const manifest::Lab& lab,
                                const manifest::Files& files);

// The labkit's headers. NotFound: there is no labkit below `harness`.
absl::StatusOr<Sources> ReadLabkit(const std::filesystem::path& harness);

absl::Status WriteAll(const std::filesystem::path& folder,
                      const Sources& files);

}  // namespace racelab::build

#endif  // RACELAB_BUILD_SOURCES_H_
