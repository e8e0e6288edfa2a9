#include "runtimes/process/leftovers.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace racelab::process {
namespace {

namespace fs = std::filesystem;

std::map<int, std::string> Descriptors() {
  std::map<int, std::string> descriptors;
  std::error_code error;
  for (fs::directory_iterator entry("/proc/self/fd", error), end;
       !error && entry != end; entry.increment(error)) {
    int fd = 0;
    if (!absl::SimpleAtoi(entry->path().filename().string(), &fd)) continue;
    std::error_code gone;
    const std::string target = fs::read_symlink(entry->path(), gone).string();
    // The descriptor that this very loop reads the folder through.
    if (gone || absl::EndsWith(target, "/fd")) continue;
    descriptors[fd] = target;
  }
  return descriptors;
}

std::set<std::string> SharedMappings() {
  std::set<std::string> mappings;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    // address perms offset dev inode path
    const std::vector<std::string> fields =
        absl::StrSplit(line, ' ', absl::SkipEmpty());
    if (fields.size() < 5 || fields[1].size() != 4 || fields[1][3] != 's') {
      continue;
    }
    mappings.insert(absl::StrCat(
        fields[0], " of ", fields.size() > 5 ? fields[5] : "anonymous memory"));
  }
  return mappings;
}

std::set<std::string> Names() {
  std::set<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry("/dev/shm", error), end;
       !error && entry != end; entry.increment(error)) {
    names.insert(entry->path().filename().string());
  }
  return names;
}

}  // namespace

Belongings LookAround() {
  return {.descriptors = Descriptors(),
          .shared_mappings = SharedMappings(),
          .names = Names()};
}

std::vector<std::string> Leftovers(const Belongings& before) {
  std::vector<std::string> found;
  for (;;) {
    siginfo_t child = {};
    if (waitid(P_ALL, 0, &child, WEXITED | WNOHANG | WNOWAIT) != 0) break;
    if (child.si_pid != 0) {
      waitpid(child.si_pid, nullptr, 0);
      found.push_back(
          "Nobody has waited for a child: it has ended and stays a zombie.");
      continue;
    }
    // There are children, and none of them has ended. The runner kills them.
    found.push_back(
        "Nobody has waited for a child: it still runs when the test is over.");
    break;
  }
  const Belongings now = LookAround();
  for (const auto& [fd, target] : now.descriptors) {
    const auto old = before.descriptors.find(fd);
    if (old != before.descriptors.end() && old->second == target) continue;
    found.push_back(
        absl::StrCat("Descriptor ", fd, " (", target, ") was not closed."));
  }
  for (const std::string& mapping : now.shared_mappings) {
    if (before.shared_mappings.contains(mapping)) continue;
    found.push_back(
        absl::StrCat("A shared mapping is still there: ", mapping, "."));
  }
  for (const std::string& name : now.names) {
    if (before.names.contains(name)) continue;
    found.push_back(absl::StrCat("The name /dev/shm/", name,
                                 " was made and not unlinked."));
    shm_unlink(absl::StrCat("/", name).c_str());
  }
  return found;
}

}  // namespace racelab::process
