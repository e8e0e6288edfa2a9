#include "cli/state.h"

#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "build/sources.h"
#include "cli/files.h"
#include "manifest/text.h"

namespace racelab::cli {
namespace {

namespace fs = std::filesystem;
using manifest::Cat;
using nlohmann::json;

// In a starter's folder, beside student/: the files that are not editable.
constexpr char kOthers[] = "others";

fs::path StateFile(const Context& context, const std::string& module,
                   const std::string& lab) {
  return context.state / "state" / module / Cat(lab, ".json");
}

fs::path StarterFolder(const Context& context, const std::string& module,
                       const std::string& lab) {
  return context.state / "starters" / module / lab;
}

manifest::Files FilesBelow(const fs::path& folder) {
  manifest::Files files;
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder, error), end;
       !error && it != end; it.increment(error)) {
    const fs::path name = it->path().lexically_relative(folder);
    if (!it->is_regular_file(error) || build::IsLeftBehind(name)) continue;
    files[name.string()] = ReadWhole(it->path()).value_or("");
  }
  return files;
}

}  // namespace

LabState LoadState(const Context& context, const std::string& module,
                   const std::string& lab) {
  LabState state;
  const absl::StatusOr<std::string> text =
      ReadWhole(StateFile(context, module, lab));
  if (!text.ok()) return state;
  const json document = json::parse(*text, nullptr, /*allow_exceptions=*/false);
  if (!document.is_object()) return state;
  try {
    state.hints_shown = document.value("hints_shown", 0);
    if (document.contains("last_check")) {
      const json& check = document.at("last_check");
      LastCheck last;
      const auto outcome =
          verdict::OutcomeFromName(check.at("outcome").get<std::string>());
      last.points = check.at("points").get<int>();
      last.max_points = check.at("max_points").get<int>();
      last.at = check.at("at").get<std::string>();
      last.digest = check.at("digest").get<std::string>();
      if (outcome.has_value()) {
        last.outcome = *outcome;
        state.last_check = std::move(last);
      }
    }
  } catch (const json::exception&) {
    return {};  // damaged: as if it were not there
  }
  return state;
}

absl::Status SaveState(const Context& context, const std::string& module,
                       const std::string& lab, const LabState& state) {
  json document = {{"hints_shown", state.hints_shown}};
  if (state.last_check.has_value()) {
    const LastCheck& check = *state.last_check;
    document["last_check"] = {
        {"outcome", std::string(verdict::Name(check.outcome))},
        {"points", check.points},
        {"max_points", check.max_points},
        {"at", check.at},
        {"digest", check.digest}};
  }
  return WriteWhole(StateFile(context, module, lab), document.dump(1) + "\n");
}

std::string DigestOf(const manifest::Files& files) {
  Digest digest;
  for (const auto& [name, content] : files) {
    digest.Add(name);
    digest.Add(content);
  }
  return digest.Hex();
}

absl::Status KeepStarters(const Context& context,
                          const manifest::Catalog& catalog) {
  std::error_code error;
  for (const manifest::LabFolder& folder : catalog.folders()) {
    if (fs::exists(StarterFolder(context, folder.module, folder.name), error)) {
      continue;
    }
    const auto lab = manifest::LoadLab(catalog.root(), folder.directory);
    if (!lab.ok()) continue;  // whoever uses the lab says so
    const auto files = manifest::TakeStarter(*lab);
    if (!files.ok()) continue;
    if (auto status = KeepStarter(context, *lab, *files); !status.ok()) {
      // Half of it would never be completed.
      fs::remove_all(StarterFolder(context, folder.module, folder.name), error);
      return status;
    }
  }
  return absl::OkStatus();
}

absl::Status KeepStarter(const Context& context, const manifest::Lab& lab,
                         const manifest::Files& files) {
  const fs::path folder =
      StarterFolder(context, lab.module, lab.name) / "student";
  for (const auto& [name, content] : files) {
    const auto kept = ReadWhole(folder / name);
    if (kept.ok() && *kept == content) continue;
    if (auto status = WriteWhole(folder / name, content); !status.ok()) {
      return status;
    }
  }
  const manifest::Files others = OtherFiles(lab);
  if (KeptOtherFiles(context, lab) == others) return absl::OkStatus();
  std::error_code error;
  const fs::path kept = folder.parent_path() / kOthers;
  fs::remove_all(kept, error);
  fs::create_directories(kept, error);
  for (const auto& [name, content] : others) {
    if (auto status = WriteWhole(kept / name, content); !status.ok()) {
      return status;
    }
  }
  return absl::OkStatus();
}

manifest::Files OtherFiles(const manifest::Lab& lab) {
  manifest::Files files = FilesBelow(lab.directory / "student");
  for (const std::string& name : lab.editable) files.erase(name);
  return files;
}

std::optional<manifest::Files> KeptOtherFiles(const Context& context,
                                              const manifest::Lab& lab) {
  const fs::path kept = StarterFolder(context, lab.module, lab.name) / kOthers;
  std::error_code error;
  if (!fs::is_directory(kept, error)) return std::nullopt;
  return FilesBelow(kept);
}

absl::Status BringBackMissing(const Context& context,
                              const manifest::LabFolder& folder) {
  const fs::path starter =
      StarterFolder(context, folder.module, folder.name) / "student";
  std::error_code error;
  for (fs::recursive_directory_iterator it(starter, error), end;
       !error && it != end; it.increment(error)) {
    if (!it->is_regular_file(error)) continue;
    const fs::path file =
        folder.directory / "student" / it->path().lexically_relative(starter);
    if (fs::exists(file, error)) continue;
    const auto content = ReadWhole(it->path());
    if (!content.ok()) return content.status();
    if (auto status = WriteWhole(file, *content); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::StatusOr<manifest::Files> KeptStarter(const Context& context,
                                            const manifest::Lab& lab) {
  manifest::Lab kept = lab;
  kept.directory = StarterFolder(context, lab.module, lab.name);
  return manifest::TakeStarter(kept);
}

}  // namespace racelab::cli
