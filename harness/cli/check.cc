// racelab check LAB: the student's loop.

#include <cstdio>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/cores.h"
#include "cli/grading.h"
#include "cli/progress.h"
#include "cli/state.h"
#include "manifest/text.h"
#include "report/terminal.h"
#include "report/text.h"
#include "scoring/scoring.h"

namespace racelab::cli {
namespace {

using manifest::Cat;
using manifest::Lab;
using verdict::Outcome;

// More than that nobody reads.
constexpr size_t kWarningLines = 1000;

// The lab after this one that does not pass yet, of the same module.
std::string NextLab(const Context& context, const manifest::Catalog& catalog,
                    const Lab& lab) {
  std::string next;
  int order = 0;
  for (const manifest::LabFolder& folder : catalog.folders()) {
    if (folder.module != lab.module || folder.name == lab.name) continue;
    const auto other = manifest::LoadLab(catalog.root(), folder.directory);
    if (!other.ok() || other->order <= lab.order) continue;
    const LabState state = LoadState(context, folder.module, folder.name);
    if (state.last_check.has_value() &&
        state.last_check->outcome == Outcome::kPass) {
      continue;
    }
    if (next.empty() || other->order < order) {
      next = folder.name;
      order = other->order;
    }
  }
  return next;
}

std::string NextStep(const Context& context, const manifest::Catalog& catalog,
                     const Lab& lab, Outcome outcome) {
  switch (outcome) {
    case Outcome::kPass: {
      const std::string next = NextLab(context, catalog, lab);
      return next.empty() ? "./racelab list" : Cat("./racelab check ", next);
    }
    case Outcome::kFail: {
      const auto hints = manifest::LoadHints(lab);
      const LabState state = LoadState(context, lab.module, lab.name);
      if (hints.ok() && state.hints_shown < static_cast<int>(hints->size())) {
        return Cat("./racelab hint ", lab.name);
      }
      return "";
    }
    default:
      return "./racelab doctor";
  }
}

// A grade would not see what else was changed.
void TellOtherChanges(const Context& context, const Lab& lab) {
  const auto kept = KeptOtherFiles(context, lab);
  if (!kept.has_value()) return;
  manifest::Files now = OtherFiles(lab);
  for (const auto& [name, content] : *kept) {
    const auto found = now.find(name);
    if (found == now.end() || found->second != content) {
      std::printf(
          "student/%s is not as the lab has it. A grade takes the lab's own: "
          "./racelab reset %s brings it back, and keeps a copy of your work.\n",
          name.c_str(), lab.name.c_str());
    }
    if (found != now.end()) now.erase(found);
  }
  for (const auto& [name, content] : now) {
    std::printf(
        "student/%s is no file of the lab: it is not handed in. Write what it "
        "holds into %s.\n",
        name.c_str(), manifest::Join(lab.editable, " or ").c_str());
  }
}

}  // namespace

int Check(const Context& context, const manifest::Catalog& catalog,
          const CheckOptions& options) {
  const auto lab = catalog.Load(options.lab);
  if (!lab.ok()) return Fail(lab.status(), scoring::kExitUsage);
  const bool in_place = options.from.empty();
  const auto files = in_place
                         ? manifest::TakeStarter(*lab)
                         : manifest::TakeSubmission(*lab, options.from, true);
  if (!files.ok()) return Fail(files.status(), scoring::kExitUsage);

  Cores cores(MachineCores());
  GradeRequest request;
  request.lab = &*lab;
  request.files = *files;
  request.jobs = options.jobs;
  request.cores = &cores;
  Progress progress;
  request.on_phase = [&](std::string_view phase) {
    progress.Show(Cat(lab->name, ": ", phase));
  };
  const auto graded = Grade(context, request);
  progress.Clear();
  if (!graded.ok()) return Fail(graded.status(), scoring::kExitUsage);

  const std::string suffix =
      in_place ? "" : Cat(" --from ", ShellWord(options.from.string()));
  report::LabReport report = MakeReport(context, *lab, *files, *graded, suffix);
  if (in_place) {
    LabState state = LoadState(context, lab->module, lab->name);
    state.last_check = LastCheck{report.outcome, report.points,
                                 report.max_points, Now(), DigestOf(*files)};
    const absl::Status saved =
        SaveState(context, lab->module, lab->name, state);
    if (!saved.ok()) Fail(saved, scoring::kExitMachine);
  }
  report.next_step = NextStep(context, catalog, *lab, report.outcome);
  const report::RunReport run = Total(context, {report});
  report::TerminalOptions terminal = report::TerminalOptionsFor(1);
  terminal.explain = options.explain;
  std::fputs(report::Terminal(run, terminal).c_str(), stdout);
  if (!graded->warnings.empty()) {
    const std::vector<std::string> lines =
        report::Lines(graded->warnings, kWarningLines);
    std::printf("The compiler warns:\n%s\n\n",
                manifest::Join(lines, "\n").c_str());
  }
  if (in_place) TellOtherChanges(context, *lab);
  return scoring::ExitCode(run.outcome);
}

}  // namespace racelab::cli
