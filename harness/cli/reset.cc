// racelab reset LAB: the starter again, after keeping a copy of the work.

#include <cstdio>
#include <string>
#include <system_error>

#include "cli/commands.h"
#include "cli/files.h"
#include "cli/state.h"
#include "manifest/text.h"
#include "scoring/scoring.h"

namespace racelab::cli {

namespace fs = std::filesystem;
using manifest::Cat;

int Reset(const Context& context, const manifest::Catalog& catalog,
          const std::string& name) {
  const auto folder = catalog.Find(name);
  if (!folder.ok()) return Fail(folder.status(), scoring::kExitUsage);
  if (auto status = BringBackMissing(context, *folder); !status.ok()) {
    return Fail(status, scoring::kExitMachine);
  }
  auto lab = manifest::LoadLab(catalog.root(), folder->directory);
  if (!lab.ok()) return Fail(lab.status(), scoring::kExitUsage);
  auto starter = KeptStarter(context, *lab);
  if (!starter.ok()) {
    return Fail(
        Cat("the copy of the starter is not whole: ",
            std::string(starter.status().message()),
            "\nIf this is a git checkout, `git checkout -- ",
            ShellWord(fs::relative(lab->directory, context.root).string()),
            "/student` brings it back"),
        scoring::kExitMachine);
  }
  auto work = manifest::TakeStarter(*lab);
  if (!work.ok()) return Fail(work.status(), scoring::kExitUsage);
  // What a student has added stays.
  const manifest::Files others = OtherFiles(*lab);
  for (const auto& [file, content] :
       KeptOtherFiles(context, *lab).value_or(manifest::Files())) {
    (*starter)[file] = content;
    const auto now = others.find(file);
    if (now != others.end()) (*work)[file] = now->second;
  }
  if (*work == *starter) {
    std::printf("%s is the starter already.\n", lab->name.c_str());
    return scoring::kExitPass;
  }
  std::string when = Now();
  for (char& c : when) {
    if (c == ':') c = '-';
  }
  fs::path kept = context.state / "kept" / lab->name / when;
  std::error_code error;
  for (int i = 2; fs::exists(kept, error); ++i) {
    kept = context.state / "kept" / lab->name / Cat(when, "-", i);
  }
  // The whole copy first: nothing is overwritten before it is safe.
  for (const auto& [file, content] : *work) {
    if (auto status = WriteWhole(kept / "student" / file, content);
        !status.ok()) {
      return Fail(status, scoring::kExitMachine);
    }
  }
  for (const auto& [file, content] : *starter) {
    const auto now = work->find(file);
    if (now != work->end() && now->second == content) continue;
    if (auto status = WriteWhole(lab->directory / "student" / file, content);
        !status.ok()) {
      return Fail(status, scoring::kExitMachine);
    }
  }
  const std::string shown =
      ShellWord(fs::relative(kept, fs::current_path(error), error).string());
  std::printf(
      "%s is the starter again. Your work is kept in\n  %s\nand can be checked "
      "there: ./racelab check %s --from %s\n",
      lab->name.c_str(), shown.c_str(), lab->name.c_str(), shown.c_str());
  return scoring::kExitPass;
}

}  // namespace racelab::cli
