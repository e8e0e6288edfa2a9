// racelab new MODULE/LAB: a lab from labs/_template, that builds and that
// `verify` judges honestly: it says what is still to write.

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "cli/commands.h"
#include "cli/files.h"
#include "manifest/catalog.h"
#include "manifest/text.h"
#include "scoring/scoring.h"

namespace racelab::cli {
namespace {

namespace fs = std::filesystem;
using manifest::Cat;

bool IsLowerSnake(std::string_view name) {
  return !name.empty() && name[0] >= 'a' && name[0] <= 'z' &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
         });
}

// "torn_write" → "Torn write".
std::string TitleOf(std::string_view name) {
  std::string title(name);
  std::replace(title.begin(), title.end(), '_', ' ');
  title[0] = static_cast<char>(std::toupper(title[0]));
  return title;
}

std::string Replaced(std::string text, std::string_view from,
                     std::string_view to) {
  for (size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

// Copies `from` to `to`, which does not exist, with the names filled in. All or
// nothing.
absl::Status CopyTemplate(
    const fs::path& from, const fs::path& to,
    const std::vector<std::pair<std::string, std::string>>& names) {
  const fs::path beside = to.parent_path() / Cat(".", to.filename().string());
  std::error_code error;
  fs::remove_all(beside, error);
  absl::Status status;
  for (const auto& entry : fs::recursive_directory_iterator(from)) {
    if (!entry.is_regular_file()) continue;
    auto text = ReadWhole(entry.path());
    if (!text.ok()) return text.status();
    for (const auto& [key, value] : names) {
      *text = Replaced(std::move(*text), key, value);
    }
    status.Update(
        WriteWhole(beside / entry.path().lexically_relative(from), *text));
  }
  if (status.ok()) {
    fs::rename(beside, to, error);
    if (error) status = absl::PermissionDeniedError(to.string());
  }
  if (!status.ok()) fs::remove_all(beside, error);
  return status;
}

}  // namespace

int New(const Context& context, const NewOptions& options) {
  const size_t slash = options.lab.find('/');
  const std::string module = options.lab.substr(0, slash);
  const std::string name =
      slash == std::string::npos ? "" : options.lab.substr(slash + 1);
  if (!IsLowerSnake(module) || !IsLowerSnake(name)) {
    return Fail(Cat("\"", options.lab,
                    "\": write MODULE/LAB in lower case with _, the lab named "
                    "after its bug: races/torn_write"),
                scoring::kExitUsage);
  }
  const fs::path from = context.root / "labs" / "_template";
  const fs::path lab = context.root / "labs" / module / name;
  const fs::path answers = context.root / "solutions" / module / name;
  std::error_code error;
  if (!fs::is_directory(from, error)) {
    return Fail(Cat(from.string(),
                    " is missing; bring it back from the "
                    "repository that you have this from"),
                scoring::kExitUsage);
  }
  for (const fs::path& folder : {lab, answers}) {
    if (fs::exists(folder, error)) {
      return Fail(Cat(folder.string(), " exists already"), scoring::kExitUsage);
    }
  }
  const auto catalog = manifest::Catalog::Open(context.root);
  if (!catalog.ok()) return Fail(catalog.status(), scoring::kExitUsage);
  int order = 1;
  for (const manifest::LabFolder& folder : catalog->folders()) {
    if (folder.name == name) {
      return Fail(Cat("there is a lab ", folder.module, "/", name,
                      " already; replay tokens need names of their own"),
                  scoring::kExitUsage);
    }
    if (folder.module != module) continue;
    const auto other = manifest::LoadLab(catalog->root(), folder.directory);
    if (other.ok()) order = std::max(order, other->order + 1);
  }
  const std::vector<std::pair<std::string, std::string>> names = {
      {"@LAB@", name},
      {"@MODULE@", module},
      {"@TITLE@", TitleOf(name)},
      {"@ORDER@", std::to_string(order)}};
  absl::Status status = CopyTemplate(from / "lab", lab, names);
  if (status.ok()) {
    status = CopyTemplate(from / "solution", answers, names);
    if (!status.ok()) fs::remove_all(lab, error);
  }
  if (!status.ok()) return Fail(status, scoring::kExitMachine);
  std::printf(
      "labs/%s/%s\n    what students get\nsolutions/%s/%s\n    what proves "
      "it\n\nIt builds, and has a race to be replaced by yours. What is still "
      "to write:\n    ./racelab verify %s\n",
      module.c_str(), name.c_str(), module.c_str(), name.c_str(), name.c_str());
  return scoring::kExitPass;
}

}  // namespace racelab::cli
