#include "build/sources.h"

#include <algorithm>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "build/cache.h"

namespace racelab::build {
namespace fs = std::filesystem;

bool IsSource(std::string_view name) {
  return absl::EndsWith(std::string(name), ".cc") ||
         absl::EndsWith(std::string(name), ".cpp");
}

// ".counter.cc.swp", ".#counter.cc", "#counter.cc#", "counter.cc~",
// "._counter.cc".
bool IsLeftBehind(const fs::path& name) {
  return std::ranges::any_of(name, [](const fs::path& part) {
    const std::string text = part.string();
    return text[0] == '.' || text[0] == '#' || text.back() == '~';
  });
}

absl::StatusOr<Sources> Collect(const manifest::Lab& lab,
                                const manifest::Files& files) {
  Sources sources;
  const fs::path student = lab.directory / "student";
  std::error_code error;
  for (fs::recursive_directory_iterator it(student, error), end;
       !error && it != end; it.increment(error)) {
    if (it->is_directory(error)) continue;
    const std::string name = it->path().lexically_relative(student).string();
    if (files.contains(name) || IsLeftBehind(name)) continue;
    auto content = ReadFile(it->path());
    if (!content.ok()) return content.status();
    sources["student/" + name] = *std::move(content);
  }
  for (const auto& [name, content] : files) {
    sources["student/" + name] = content;
  }
  auto scenario = ReadFile(lab.directory / "scenario.cc");
  if (!scenario.ok()) return scenario.status();
  sources["scenario.cc"] = *std::move(scenario);
  return sources;
}

absl::StatusOr<Sources> ReadLabkit(const fs::path& harness) {
  Sources headers;
  std::error_code error;
  for (fs::directory_iterator it(harness / "labkit", error), end;
       !error && it != end; it.increment(error)) {
    if (it->path().extension() != ".h") continue;
    auto content = ReadFile(it->path());
    if (!content.ok()) return content.status();
    headers["labkit/" + it->path().filename().string()] = *std::move(content);
  }
  if (!headers.contains("labkit/labkit.h")) {
    return absl::NotFoundError(absl::StrCat(
        (harness / "labkit/labkit.h").string(),
        " is missing: the harness's own headers are needed to build a lab"));
  }
  return headers;
}

absl::Status WriteAll(const fs::path& folder, const Sources& files) {
  for (const auto& [name, content] : files) {
    const fs::path path = folder / name;
    if (absl::Status made = MakeFolder(path.parent_path()); !made.ok()) {
      return made;
    }
    if (absl::Status put = WriteFile(path, content); !put.ok()) return put;
  }
  return absl::OkStatus();
}

}  // namespace racelab::build
