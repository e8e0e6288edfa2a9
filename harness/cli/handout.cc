// racelab handout DIR: what students get. Labs and harness; no solutions, no
// answers, no misconceptions.

#include <cstdio>
#include <string>
#include <system_error>
#include <vector>

#include "cli/commands.h"
#include "cli/files.h"
#include "cli/state.h"
#include "manifest/submission.h"
#include "manifest/text.h"
#include "scoring/scoring.h"

namespace racelab::cli {
namespace {

namespace fs = std::filesystem;
using manifest::Cat;

// What a handout holds beside labs/. Everything else stays here.
constexpr const char* kKept[] = {
    "racelab",        "README.md",      "LICENSE",
    "CMakeLists.txt", ".gitignore",     "CMakePresets.json",
    "harness",        "labs/README.md", "labs/_template"};

bool IsHidden(const fs::path& path) {
  const std::string name = path.filename().string();
  return name[0] == '.' && name != ".gitignore";
}

// Copies a file or folder, links and hidden files left out.
void Copy(const fs::path& from, const fs::path& to) {
  if (fs::is_symlink(from)) return;
  if (fs::is_regular_file(from)) {
    fs::create_directories(to.parent_path());
    fs::copy_file(from, to);
    return;
  }
  if (!fs::is_directory(from)) return;
  fs::create_directories(to);
  for (const auto& entry : fs::directory_iterator(from)) {
    if (IsHidden(entry.path())) continue;
    Copy(entry.path(), to / entry.path().filename());
  }
}

void CopyAll(const Context& context, const manifest::Catalog& catalog,
             const fs::path& to) {
  for (const char* name : kKept) {
    if (fs::exists(context.root / name)) Copy(context.root / name, to / name);
  }
  for (const manifest::Module& module : catalog.modules()) {
    const fs::path file = fs::path("labs") / module.name / "module.toml";
    if (fs::exists(context.root / file)) Copy(context.root / file, to / file);
  }
  for (const manifest::LabFolder& folder : catalog.folders()) {
    Copy(folder.directory, to / "labs" / folder.module / folder.name);
  }
}

}  // namespace

int Handout(const Context& context, const manifest::Catalog& catalog,
            const HandoutOptions& options) {
  std::error_code error;
  fs::path out = fs::absolute(options.out).lexically_normal();
  if (!out.has_filename()) out = out.parent_path();  // "DIR/"
  if (fs::exists(out, error) && !fs::is_empty(out, error)) {
    return Fail(Cat(out.string(), " is there already; name a new folder"),
                scoring::kExitUsage);
  }
  if (out.lexically_relative(context.root / "labs").string().substr(0, 2) !=
          ".." ||
      out.lexically_relative(context.root / "harness").string().substr(0, 2) !=
          "..") {
    return Fail("a handout cannot lie in labs/ or harness/",
                scoring::kExitUsage);
  }
  for (const manifest::LabFolder& folder : catalog.folders()) {
    const auto lab = manifest::LoadLab(catalog.root(), folder.directory);
    if (!lab.ok()) return Fail(lab.status(), scoring::kExitUsage);
    const auto files = manifest::TakeStarter(*lab);
    if (!files.ok()) return Fail(files.status(), scoring::kExitUsage);
    const auto kept = KeptStarter(context, *lab);
    if (kept.ok() && *kept != *files) {
      return Fail(Cat(folder.name,
                      ": student/ is not the starter that was last proved. "
                      "Either `./racelab reset ",
                      folder.name, "`, or `./racelab verify ", folder.name,
                      "` if it is a better one"),
                  scoring::kExitUsage);
    }
  }
  // Beside, then renamed: a handout is whole or not there.
  const fs::path beside =
      out.parent_path() / Cat(".", out.filename().string(), ".part");
  try {
    fs::remove_all(beside);
    fs::create_directories(out.parent_path());
    CopyAll(context, catalog, beside);
    fs::remove(out);
    fs::rename(beside, out);
  } catch (const fs::filesystem_error& failure) {
    fs::remove_all(beside, error);
    return Fail(failure.what(), scoring::kExitMachine);
  }
  std::printf(
      "%zu labs in %s, without any answer. Try it there: ./racelab list\n",
      catalog.folders().size(), options.out.c_str());
  return scoring::kExitPass;
}

}  // namespace racelab::cli
