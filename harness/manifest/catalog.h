// Which labs there are. There is no list: a lab is a folder labs/<module>/<lab>
// with a lab.toml in it.

#ifndef RACELAB_MANIFEST_CATALOG_H_
#define RACELAB_MANIFEST_CATALOG_H_

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "manifest/manifest.h"

namespace racelab::manifest {

// A module of the curriculum: a folder of labs/, with an optional module.toml
// (`title`, `order`). Modules without an order come last, by name.
struct Module {
  std::string name;
  std::string title;
  int order = 0;  // 0: none given
};

// The folder of a lab, before its manifest is read: one broken manifest does
// not hide the other labs.
struct LabFolder {
  std::string module;
  std::string name;
  std::filesystem::path directory;
};

class Catalog {
 public:
  // Looks through `root`/labs. NotFound if there is no such folder.
  static absl::StatusOr<Catalog> Open(const std::filesystem::path& root);

  const std::filesystem::path& root() const { return root_; }
  const std::vector<Module>& modules() const { return modules_; }
  // By module, then by name.
  const std::vector<LabFolder>& folders() const { return folders_; }

  // "lost_update" or "races/lost_update". NotFound names the nearest labs;
  // a name that two modules use is InvalidArgument.
  absl::StatusOr<LabFolder> Find(std::string_view name) const;
  absl::StatusOr<Lab> Load(std::string_view name) const;

 private:
  std::filesystem::path root_;
  std::vector<Module> modules_;
  std::vector<LabFolder> folders_;
};

// Of `known`, the names nearest to `name` by edit distance, best first, at
// most three, none that differs in more than half of its letters.
std::vector<std::string> NearestNames(std::string_view name,
                                      const std::vector<std::string>& known);

}  // namespace racelab::manifest

#endif  // RACELAB_MANIFEST_CATALOG_H_
