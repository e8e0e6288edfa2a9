// racelab grade: a submission, unattended. One idempotent unit of work.

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <mutex>
#include <set>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "cli/commands.h"
#include "cli/cores.h"
#include "cli/files.h"
#include "cli/grading.h"
#include "cli/progress.h"
#include "manifest/text.h"
#include "report/github.h"
#include "report/json.h"
#include "report/junit.h"
#include "report/terminal.h"
#include "report/text.h"
#include "sandbox/sandbox.h"
#include "scoring/scoring.h"

namespace racelab::cli {
namespace {

namespace fs = std::filesystem;
using manifest::Cat;
using manifest::Lab;
using verdict::Outcome;

bool LiesIn(const fs::path& path, const fs::path& folder) {
  const auto [at, rest] =
      std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
  return at == folder.end() || (std::next(at) == folder.end() && at->empty());
}

// Whoever made the submission could lay out what is taken for a result there,
// or lead the results elsewhere by a link.
bool OutLiesInSubmission(const GradeOptions& options) {
  std::error_code error;
  const auto real = [&error](const fs::path& path) {
    return fs::weakly_canonical(fs::absolute(path, error), error);
  };
  const auto written = [&error](const fs::path& path) {
    return fs::absolute(path, error).lexically_normal();
  };
  return LiesIn(real(options.out), real(options.submission)) ||
         LiesIn(written(options.out), written(options.submission));
}

// The labs to grade. Without names and --all: those that the submission holds.
absl::StatusOr<std::vector<Lab>> ChooseLabs(const manifest::Catalog& catalog,
                                            const GradeOptions& options) {
  std::vector<manifest::LabFolder> folders;
  for (const std::string& name : options.labs) {
    auto folder = catalog.Find(name);
    if (!folder.ok()) return folder.status();
    folders.push_back(*std::move(folder));
  }
  if (folders.empty()) {
    for (const manifest::LabFolder& folder : catalog.folders()) {
      std::error_code error;
      const fs::path there = options.submission / folder.name;
      if (options.all || fs::exists(fs::symlink_status(there, error))) {
        folders.push_back(folder);
      }
    }
  }
  if (folders.empty()) {
    return absl::InvalidArgumentError(
        Cat(options.submission.string(),
            " has no folder named after a lab: name the LAB that it is for, or "
            "hand in DIR/<lab>/student/…"));
  }
  std::vector<Lab> labs;
  for (const manifest::LabFolder& folder : folders) {
    auto lab = manifest::LoadLab(catalog.root(), folder.directory);
    if (!lab.ok()) return lab.status();
    labs.push_back(*std::move(lab));
  }
  return labs;
}

// One report, in every format that was asked for. results.json comes last:
// where it is, everything is.
absl::Status WriteResults(const GradeOptions& options,
                          const report::RunReport& run) {
  const std::set<std::string> formats(options.formats.begin(),
                                      options.formats.end());
  absl::Status status;
  if (formats.contains("junit")) {
    status.Update(WriteWhole(options.out / "results.xml", report::Junit(run)));
  }
  if (formats.contains("text")) {
    report::TerminalOptions plain;
    plain.explain = 1000;
    status.Update(
        WriteWhole(options.out / "report.txt", report::Terminal(run, plain)));
  }
  if (formats.contains("github")) {
    const std::string summary = report::GithubSummary(run);
    status.Update(WriteWhole(options.out / "summary.md", summary));
    if (const char* file = std::getenv("GITHUB_STEP_SUMMARY")) {
      std::ofstream(file, std::ios::app) << summary;
    }
  }
  if (!status.ok()) return status;
  return WriteWhole(options.out / "results.json", report::Json(run));
}

class Grader {
 public:
  Grader(const Context& context, const GradeOptions& options,
         std::vector<Lab> labs)
      : context_(context),
        options_(options),
        labs_(std::move(labs)),
        reports_(labs_.size()),
        cores_(MachineCores()) {}

  // OK, or why nothing can be said of any lab.
  absl::Status Run() {
    {
      std::vector<std::jthread> workers;
      const size_t count =
          std::min(static_cast<size_t>(options_.jobs), labs_.size());
      for (size_t i = 0; i < count; ++i) {
        workers.emplace_back([this] { Work(); });
      }
    }
    progress_.Clear();
    if (sandbox::Cancelled()) return absl::CancelledError("interrupted");
    return failure_;
  }

  std::vector<report::LabReport> TakeReports() { return std::move(reports_); }
  // Whether a lab that was named could not be graded as it was handed in.
  bool unusable() const { return unusable_; }

 private:
  void Work() {
    for (;;) {
      const size_t at = next_.fetch_add(1);
      if (at >= labs_.size() || sandbox::Cancelled()) return;
      GradeLab(labs_[at], reports_[at]);
      if (sandbox::Cancelled()) return;  // an interrupt says nothing of a lab
      progress_.Done(Cat(at + 1, "/", labs_.size(), "  ", labs_[at].name, ": ",
                         reports_[at].points, " of ", reports_[at].max_points,
                         " points, ", verdict::Name(reports_[at].outcome)));
    }
  }

  void GradeLab(const Lab& lab, report::LabReport& report) {
    const auto files =
        manifest::TakeSubmission(lab, options_.submission, labs_.size() == 1);
    if (absl::IsUnavailable(files.status())) {
      report = NotReadable(context_, lab, files.status());
      return;
    }
    if (!files.ok()) {
      report =
          NotGradable(context_, lab, std::string(files.status().message()));
      if (!options_.labs.empty()) {
        Fail(files.status(), scoring::kExitUsage);
        unusable_ = true;
      }
      return;
    }
    GradeRequest request;
    request.lab = &lab;
    request.files = *files;
    request.seed = static_cast<uint64_t>(options_.seed);
    request.cores = &cores_;
    request.on_phase = [&](std::string_view phase) {
      progress_.Show(Cat("grade ", lab.name, ": ", phase));
    };
    const auto graded = Grade(context_, request);
    if (!graded.ok()) {
      const std::lock_guard<std::mutex> lock(mutex_);
      failure_.Update(graded.status());
      report.name = lab.name;
      return;
    }
    report =
        MakeReport(context_, lab, *files, *graded,
                   Cat(" --from ", ShellWord(options_.submission.string())));
  }

  const Context& context_;
  const GradeOptions& options_;
  const std::vector<Lab> labs_;
  std::vector<report::LabReport> reports_;  // each written by one worker
  Cores cores_;
  Progress progress_;
  std::atomic<size_t> next_{0};
  std::atomic<bool> unusable_{false};
  std::mutex mutex_;
  absl::Status failure_;  // guarded by mutex_ while workers run
};

}  // namespace

int GradeSubmission(const Context& context, const manifest::Catalog& catalog,
                    const GradeOptions& options) {
  std::error_code error;
  if (!fs::is_directory(options.submission, error)) {
    return Fail(
        Cat("--submission ", options.submission.string(), " is no folder"),
        scoring::kExitUsage);
  }
  if (OutLiesInSubmission(options)) {
    return Fail(Cat("--out ", options.out.string(),
                    " lies in the submission, where somebody else may have "
                    "put files or links before: name a folder outside"),
                scoring::kExitUsage);
  }
  // Those of an earlier run must not be taken for this one's, however it ends.
  fs::remove(options.out / "results.json", error);
  auto labs = ChooseLabs(catalog, options);
  if (!labs.ok()) return Fail(labs.status(), scoring::kExitUsage);
  // Before the work, not after it.
  if (const absl::Status writable = CheckWritable(options.out);
      !writable.ok()) {
    return Fail(writable, scoring::kExitUsage);
  }
  Grader grader(context, options, *std::move(labs));
  if (const absl::Status status = grader.Run(); !status.ok()) {
    return Fail(status, scoring::kExitUsage);
  }
  report::RunReport run = Total(context, grader.TakeReports());
  run.submission = options.submission.string();
  if (const absl::Status status = WriteResults(options, run); !status.ok()) {
    return Fail(status, scoring::kExitMachine);
  }
  if (std::find(options.formats.begin(), options.formats.end(), "github") !=
      options.formats.end()) {
    std::fputs(report::GithubAnnotations(run).c_str(), stdout);
  }
  std::printf("%d of %d points, %s: %s\n", run.points, run.max_points,
              std::string(verdict::Name(run.outcome)).c_str(),
              report::OneLine((options.out / "results.json").string()).c_str());
  return grader.unusable() ? scoring::kExitUsage
                           : scoring::ExitCode(run.outcome);
}

}  // namespace racelab::cli
