// racelab replay TOKEN: one failing execution once more.

#include <cstdio>
#include <string>

#include "absl/status/status.h"
#include "cli/commands.h"
#include "cli/grading.h"
#include "cli/progress.h"
#include "engines/engine.h"
#include "engines/token.h"
#include "manifest/text.h"
#include "report/terminal.h"
#include "report/text.h"
#include "scoring/scoring.h"

namespace racelab::cli {
namespace {

using manifest::Cat;
using verdict::Outcome;

int ExitFor(const absl::Status& status) {
  // The build's FailedPrecondition is a machine without isolation; the replay's
  // is a token of other sources, which it says itself.
  return absl::IsInvalidArgument(status) ? scoring::kExitUsage
                                         : scoring::kExitMachine;
}

}  // namespace

int Replay(const Context& context, const manifest::Catalog& catalog,
           const ReplayOptions& options) {
  const auto token = engines::ParseToken(options.token);
  if (!token.ok()) return Fail(token.status(), scoring::kExitUsage);
  const auto lab = catalog.Load(token->lab);
  if (!lab.ok()) return Fail(lab.status(), scoring::kExitUsage);
  const auto files = options.from.empty()
                         ? manifest::TakeStarter(*lab)
                         : manifest::TakeSubmission(*lab, options.from, true);
  if (!files.ok()) return Fail(files.status(), scoring::kExitUsage);

  Progress progress;
  progress.Show(Cat(lab->name, ": building"));
  const auto built = BuildAnswer(context, *lab, *files);
  progress.Clear();
  if (!built.ok()) return Fail(built.status(), ExitFor(built.status()));
  if (!built->modules.has_value()) {
    return Fail(Cat("these sources do not compile, so nothing of them can be "
                    "replayed: `./racelab check ",
                    lab->name, "` shows why"),
                scoring::kExitUsage);
  }
  engines::RunOptions run;
  run.runners = context.runners;
  run.no_sandbox = context.no_sandbox;
  const auto result =
      engines::Replay(options.token, *lab, *built->modules, run, options.gdb);
  if (!result.ok()) {
    return Fail(result.status(), absl::IsFailedPrecondition(result.status())
                                     ? scoring::kExitUsage
                                     : ExitFor(result.status()));
  }
  if (options.gdb) return scoring::kExitPass;
  if (result->outcome != Outcome::kFail || !result->finding.has_value()) {
    std::printf("%s: this execution does not fail here.\n%s%s%s\n",
                result->test.c_str(), report::OneLine(result->reason).c_str(),
                result->mend.empty() ? "" : "\nMend: ",
                report::OneLine(result->mend).c_str());
    return scoring::kExitMachine;
  }
  report::LabReport report;
  report.name = lab->name;
  report.module = lab->module;
  report.title = lab->title;
  report.dir = Cat("labs/", lab->module, "/", lab->name);
  report.sources = ReadSources(built->modules->source_root);
  std::printf("%s\n\n", result->test.c_str());
  std::fputs(report::TerminalFinding(*result->finding, report,
                                     report::TerminalOptionsFor(1))
                 .c_str(),
             stdout);
  return scoring::kExitFail;
}

}  // namespace racelab::cli
