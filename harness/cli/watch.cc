// racelab watch [LAB]: a check whenever an editable file is saved.

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <map>
#include <set>
#include <string>

#include "cli/commands.h"
#include "manifest/text.h"
#include "sandbox/sandbox.h"
#include "scoring/scoring.h"

namespace racelab::cli {
namespace {

using manifest::Cat;

// Editors save in more than one step; wait for this long a silence.
constexpr int kQuietMilliseconds = 100;
// A Ctrl-C just before a wait does not end it: it is looked for so often.
constexpr int kLookMilliseconds = 500;

struct Watched {
  std::string lab;
  std::set<std::string> files;  // names in the watched folder
};

// The labs whose files changed; empty after an interrupt.
std::set<std::string> WaitForChanges(int fd,
                                     const std::map<int, Watched>& watched) {
  std::set<std::string> changed;
  int timeout = kLookMilliseconds;
  for (;;) {
    pollfd ready{fd, POLLIN, 0};
    const int count = poll(&ready, 1, timeout);
    if (sandbox::Cancelled()) return {};
    if (count < 0 && errno == EINTR) continue;
    if (count == 0 && changed.empty()) continue;
    if (count <= 0) return changed;
    alignas(inotify_event) char buffer[4096];
    const ssize_t got = read(fd, buffer, sizeof buffer);
    for (ssize_t at = 0; at < got;) {
      const auto* event = reinterpret_cast<inotify_event*>(buffer + at);
      const auto lab = watched.find(event->wd);
      if (lab != watched.end() && event->len > 0 &&
          lab->second.files.contains(event->name)) {
        changed.insert(lab->second.lab);
      }
      at += static_cast<ssize_t>(sizeof *event) + event->len;
    }
    if (!changed.empty()) timeout = kQuietMilliseconds;
  }
}

}  // namespace

int Watch(const Context& context, const manifest::Catalog& catalog,
          const WatchOptions& options) {
  const int fd = inotify_init1(IN_CLOEXEC);
  if (fd < 0) {
    return Fail("this machine gives no inotify watches; use `./racelab check`",
                scoring::kExitMachine);
  }
  std::map<int, Watched> watched;
  int exit_code = scoring::kExitPass;
  std::vector<manifest::LabFolder> folders = catalog.folders();
  if (!options.lab.empty()) {
    const auto folder = catalog.Find(options.lab);
    if (!folder.ok()) {
      close(fd);
      return Fail(folder.status(), scoring::kExitUsage);
    }
    folders = {*folder};
  }
  for (const manifest::LabFolder& folder : folders) {
    const auto lab = manifest::LoadLab(catalog.root(), folder.directory);
    if (!lab.ok()) {
      exit_code = Fail(lab.status(), scoring::kExitUsage);
      if (!options.lab.empty()) break;
      continue;
    }
    for (const std::string& name : lab->editable) {
      const auto file = lab->directory / "student" / name;
      const int watch = inotify_add_watch(fd, file.parent_path().c_str(),
                                          IN_CLOSE_WRITE | IN_MOVED_TO);
      if (watch < 0) continue;
      watched[watch].lab = Cat(folder.module, "/", folder.name);
      watched[watch].files.insert(file.filename().string());
    }
  }
  if (watched.empty()) {
    close(fd);
    return exit_code != 0
               ? exit_code
               : Fail("there is nothing to watch", scoring::kExitUsage);
  }
  if (!options.lab.empty()) {
    CheckOptions check;
    check.lab = options.lab;
    Check(context, catalog, check);
  }
  for (;;) {
    if (sandbox::Cancelled()) break;
    std::printf("Waiting for a file of %s to be saved; Ctrl-C ends.\n",
                options.lab.empty() ? "any lab" : options.lab.c_str());
    std::fflush(stdout);
    const std::set<std::string> changed = WaitForChanges(fd, watched);
    for (const std::string& lab : changed) {
      CheckOptions check;
      check.lab = lab;
      Check(context, catalog, check);
    }
  }
  close(fd);
  return scoring::kExitPass;
}

}  // namespace racelab::cli
