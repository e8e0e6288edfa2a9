#include "manifest/catalog.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "manifest/text.h"
#include "manifest/toml_reader.h"
namespace racelab::manifest {
namespace {

namespace fs = std::filesystem;

// Levenshtein's distance, one row at a time.
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({substituted, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

absl::StatusOr<Module> ReadModule(const fs::path& root, const fs::path& dir) {
  Module module;
  module.name = dir.filename().string();
  module.title = module.name;
  const fs::path file = dir / "module.toml";
  std::error_code error;
  if (!fs::exists(file, error)) return module;
  absl::StatusOr<Document> document =
      Document::Read(file, file.lexically_relative(root).string());
  if (!document.ok()) return document.status();
  TableReader reader(*document, document->root(), "module.toml");
  reader.String("title", TableReader::Need::kRequired, module.title);
  reader.Int("order", TableReader::Need::kRequired, 1, 1'000'000, module.order);
  reader.Finish();
  if (absl::Status status = document->status(); !status.ok()) return status;
  return module;
}

bool IsHidden(const fs::path& path) {
  const std::string name = path.filename().string();
  return name.empty() || name[0] == '.' || name[0] == '_';
}

}  // namespace

std::vector<std::string> NearestNames(std::string_view name,
                                      const std::vector<std::string>& known) {
  std::vector<std::pair<size_t, std::string>> ranked;
  for (const std::string& candidate : known) {
    const size_t distance = EditDistance(name, candidate);
    const bool begins = name.size() >= 3 && candidate.find(name) == 0;
    if (begins || distance * 2 <= std::max(name.size(), candidate.size())) {
      ranked.emplace_back(begins ? 0 : distance, candidate);
    }
  }
  std::sort(ranked.begin(), ranked.end());
  std::vector<std::string> names;
  for (auto& [distance, candidate] : ranked) {
    if (names.size() == 3) break;
    names.push_back(std::move(candidate));
  }
  return names;
}

absl::StatusOr<Catalog> Catalog::Open(const fs::path& root) {
  Catalog catalog;
  std::error_code error;
  catalog.root_ = fs::canonical(root, error);
  if (error || !fs::is_directory(catalog.root_ / "labs", error)) {
    return absl::NotFoundError(
        Cat((root / "labs").string(),
            " does not exist: run racelab inside the project, or give --root"));
  }
  for (const auto& module : fs::directory_iterator(catalog.root_ / "labs")) {
    if (!module.is_directory(error) || IsHidden(module.path())) continue;
    const size_t before = catalog.folders_.size();
    for (const auto& lab : fs::directory_iterator(module.path())) {
      if (!lab.is_directory(error) || IsHidden(lab.path())) continue;
      if (!fs::exists(lab.path() / "lab.toml", error)) continue;
      catalog.folders_.push_back({module.path().filename().string(),
                                  lab.path().filename().string(), lab.path()});
    }
    if (catalog.folders_.size() == before) continue;
    absl::StatusOr<Module> read = ReadModule(catalog.root_, module.path());
    if (!read.ok()) return read.status();
    catalog.modules_.push_back(*std::move(read));
  }
  std::sort(catalog.modules_.begin(), catalog.modules_.end(),
            [](const Module& a, const Module& b) {
              return std::tuple(a.order == 0, a.order, a.name) <
                     std::tuple(b.order == 0, b.order, b.name);
            });
  std::map<std::string, size_t> rank;
  for (size_t i = 0; i < catalog.modules_.size(); ++i) {
    rank[catalog.modules_[i].name] = i;
  }
  std::sort(catalog.folders_.begin(), catalog.folders_.end(),
            [&rank](const LabFolder& a, const LabFolder& b) {
              return std::tie(rank.at(a.module), a.name) <
                     std::tie(rank.at(b.module), b.name);
            });
  return catalog;
}

absl::StatusOr<LabFolder> Catalog::Find(std::string_view name) const {
  const LabFolder* found = nullptr;
  std::vector<std::string> names;
  for (const LabFolder& folder : folders_) {
    const std::string full = Cat(folder.module, "/", folder.name);
    if (name == full) return folder;
    if (name == folder.name) {
      if (found != nullptr) {
        return absl::InvalidArgumentError(
            Cat("\"", name, "\" is in two modules: write ", found->module, "/",
                name, " or ", full));
      }
      found = &folder;
    }
    names.push_back(folder.name);
    if (name.find('/') != std::string_view::npos) names.push_back(full);
  }
  if (found != nullptr) return *found;
  std::string message = Cat("there is no lab \"", name, "\"");
  const std::vector<std::string> nearest = NearestNames(name, names);
  if (!nearest.empty()) {
    Append(message, "; did you mean ", Join(nearest, ", "), "?");
  }
  Append(message, "\n`./racelab list` shows all labs");
  return absl::NotFoundError(message);
}

absl::StatusOr<Lab> Catalog::Load(std::string_view name) const {
  absl::StatusOr<LabFolder> folder = Find(name);
  if (!folder.ok()) return folder.status();
  return LoadLab(root_, folder->directory);
}

}  // namespace racelab::manifest
