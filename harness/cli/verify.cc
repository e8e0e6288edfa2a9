// racelab verify: the instructor's gate. Runs every answer of every lab and
// holds the results against what the lab declares (proof.h).

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "cli/commands.h"
#include "cli/cores.h"
#include "cli/grading.h"
#include "cli/matrix.h"
#include "cli/matrix_file.h"
#include "cli/progress.h"
#include "cli/proof.h"
#include "cli/proof_cache.h"
#include "cli/state.h"
#include "manifest/text.h"
#include "report/terminal.h"
#include "sandbox/sandbox.h"
#include "scoring/scoring.h"

namespace racelab::cli {
namespace {

namespace fs = std::filesystem;

using manifest::Append;
using manifest::Cat;
using manifest::Lab;

struct LabWork {
  Lab lab;
  manifest::Solutions solutions;
  std::vector<Answer> answers;
  // Guarded by Verifier::mutex_ from here on.
  std::vector<Problem> problems;
  std::vector<MatrixRow> rows;  // one for each answer
  size_t left = 0;              // answers still to judge
  size_t remembered = 0;        // runs that the cache had
  bool starter_proved = false;
  std::chrono::steady_clock::time_point start;
};

struct Item {
  LabWork* work;
  size_t answer;
};

std::string FolderShown(const fs::path& root, const fs::path& folder) {
  return folder.lexically_relative(root).string();
}

// The answers of a lab, those that cannot be read as problems.
void CollectAnswers(const fs::path& root, LabWork& work) {
  const Lab& lab = work.lab;
  const auto starter = manifest::TakeStarter(lab);
  if (!starter.ok()) return;  // CheckFiles says so
  Answer answer;
  answer.kind = AnswerKind::kStarter;
  answer.name = "starter";
  answer.shown = FolderShown(root, lab.directory);
  answer.files = *starter;
  work.answers.push_back(answer);
  if (!work.solutions.exists) return;

  const auto take = [&](Answer base, const fs::path& folder) {
    auto files = manifest::TakeAnswer(lab, *starter, folder);
    if (!files.ok()) {
      Problem problem;
      problem.where = base.name;
      problem.what = std::string(files.status().message());
      work.problems.push_back(std::move(problem));
      return;
    }
    base.shown = FolderShown(root, folder);
    base.files = *std::move(files);
    work.answers.push_back(std::move(base));
  };
  Answer solution;
  solution.kind = AnswerKind::kSolution;
  solution.name = "solution";
  take(solution, work.solutions.directory / "student");
  for (const manifest::AcceptedAnswer& accepted : work.solutions.accepted) {
    Answer base;
    base.kind = AnswerKind::kAccepted;
    base.name = Cat("accepted/", accepted.name);
    base.sampled_because = accepted.sampled_because;
    take(base, accepted.directory);
  }
  for (const manifest::RejectedAnswer& rejected : work.solutions.rejected) {
    Answer base;
    base.kind = AnswerKind::kRejected;
    base.name = Cat("rejected/", rejected.name);
    base.rejected = rejected;
    take(base, rejected.directory);
  }
}

class Verifier {
 public:
  // `matrix`: null without --matrix.
  Verifier(const Context& context, const VerifyOptions& options,
           MatrixFile* matrix)
      : context_(context),
        options_(options),
        matrix_(matrix),
        cache_(context),
        cores_(MachineCores()) {}

  // Wrong manifests are told at once, and the exit code says so.
  void Add(const manifest::LabFolder& folder) {
    auto lab = manifest::LoadLab(context_.root, folder.directory);
    if (!lab.ok()) {
      usage_ = Fail(lab.status(), scoring::kExitUsage);
      return;
    }
    auto solutions = manifest::LoadSolutions(context_.root, *lab);
    if (!solutions.ok()) {
      usage_ = Fail(solutions.status(), scoring::kExitUsage);
      return;
    }
    auto work = std::make_unique<LabWork>();
    work->lab = *std::move(lab);
    work->solutions = *std::move(solutions);
    work->problems = CheckFiles(context_.root, work->lab, work->solutions);
    CollectAnswers(context_.root, *work);
    work->left = work->answers.size();
    work->rows.resize(work->answers.size());
    labs_.push_back(std::move(work));
  }

  int Run() {
    Plan();
    {
      std::vector<std::jthread> workers;
      for (int i = 0; i < options_.jobs; ++i) {
        workers.emplace_back([this] { Work(); });
      }
    }
    progress_.Clear();
    if (sandbox::Cancelled() || absl::IsCancelled(failure_)) {
      return Fail("interrupted; what was proved so far is remembered",
                  kExitInterrupted);
    }
    if (!failure_.ok()) return Fail(failure_, scoring::kExitMachine);
    const int exit_code = Report();
    const int matrix = WriteMatrix();
    return matrix != scoring::kExitPass ? matrix : exit_code;
  }

 private:
  // The labs' order, with the labs on processes spread evenly among the others:
  // processes mostly wait, and meanwhile another answer can be compiled.
  void Plan() {
    std::vector<Item> waiting, working;
    for (const auto& work : labs_) {
      auto& items =
          work->lab.kind == manifest::LabKind::kProcesses ? waiting : working;
      for (size_t i = 0; i < work->answers.size(); ++i) {
        items.push_back({work.get(), i});
      }
    }
    const size_t all = waiting.size() + working.size();
    size_t waits = 0, works = 0;
    while (waits + works < all) {
      // As many of the waiting ones as their part of what is planned so far.
      if (waits * all < (waits + works) * waiting.size() ||
          works == working.size()) {
        items_.push_back(waiting[waits++]);
      } else {
        items_.push_back(working[works++]);
      }
    }
  }

  void Work() {
    for (;;) {
      const size_t at = next_.fetch_add(1);
      if (at >= items_.size()) break;
      if (sandbox::Cancelled()) return;
      JudgeOrLeave(at);
    }
    // What another racelab had claimed: when it is done, it is remembered.
    while (!sandbox::Cancelled()) {
      size_t at;
      {
        const std::lock_guard<std::mutex> lock(mutex_);
        if (claimed_.empty()) return;
        at = claimed_.front();
        claimed_.pop_front();
      }
      if (JudgeOrLeave(at)) continue;
      const Item& item = items_[at];
      progress_.Show(Cat("verify ", at + 1, "/", items_.size(), "  ",
                         item.work->lab.name, " ",
                         item.work->answers[item.answer].name,
                         ": another racelab is running it"));
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
    }
  }

  // False: another racelab is at it, and `at` is in claimed_.
  bool JudgeOrLeave(size_t at) {
    const Item& item = items_[at];
    const auto claim =
        cache_.TryClaim(item.work->lab, item.work->answers[item.answer]);
    if (!claim.has_value()) {
      const std::lock_guard<std::mutex> lock(mutex_);
      claimed_.push_back(at);
      return false;
    }
    Judge(item, at);
    return true;
  }

  void Judge(const Item& item, size_t at) {
    LabWork& work = *item.work;
    const Answer& answer = work.answers[item.answer];
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (work.left == work.answers.size()) {
        work.start = std::chrono::steady_clock::now();
      }
    }
    std::vector<Problem> problems;
    MatrixRow row = RowFor(work.lab, answer);
    size_t remembered = 0;
    for (int i = 0; i < options_.repeat && problems.empty(); ++i) {
      AnswerRun run;
      if (!RunOnce(work.lab, answer, i, at, run, remembered)) return;
      problems = cli::Judge(work.lab, answer, run);
      AddRun(run, row);
      if (problems.empty()) {
        Remember(work.lab, answer, i, run);
      } else if (options_.repeat > 1) {
        for (Problem& problem : problems) {
          Append(problem.what, " (run ", i + 1, " of ", options_.repeat, ")");
        }
      }
    }
    if (matrix_ != nullptr) {
      matrix_->CountProofs(work.lab, answer, problems, options_.repeat, cache_,
                           row);
    }
    Finish(work, item.answer, std::move(problems), std::move(row), remembered);
  }

  Needed NeededNow(const Lab& lab, const Answer& answer) const {
    return matrix_ == nullptr ? NeededFor(lab, answer) : Needed();
  }

  // False after an interrupt or a failure of ours.
  bool RunOnce(const Lab& lab, const Answer& answer, int repetition, size_t at,
               AnswerRun& run, size_t& remembered) {
    const Needed needed = NeededNow(lab, answer);
    GradeRequest request;
    request.lab = &lab;
    request.files = answer.files;
    request.engines = needed.engines;
    request.tests = needed.tests;
    request.seed = static_cast<uint64_t>(repetition) + 1;
    request.cores = &cores_;
    request.stress = needed.stress;
    request.on_phase = [&](std::string_view phase) {
      progress_.Show(Cat("verify ", at + 1, "/", items_.size(), "  ", lab.name,
                         " ", answer.name, ": ", phase));
    };
    if (!cache_.IsMade(lab, answer, needed)) {
      request.on_phase("building");
      const auto built = BuildFor(context_, request);
      // What went wrong Grade() tells, which comes to the same step.
      if (built.ok()) {
        NoticeTrouble(cache_.NoteMade(lab, answer, needed, *built));
      }
    }
    if (!options_.fresh &&
        cache_.Recall(lab, answer, needed, repetition, run)) {
      ++remembered;
      return true;
    }
    const absl::StatusOr<Graded> graded = Grade(context_, request);
    if (!graded.ok()) {
      if (absl::IsInvalidArgument(graded.status())) {
        // The lab's own files do not compile: a finding about the lab.
        verdict::Finding finding;
        finding.kind = verdict::FailureKind::kBuildError;
        finding.message = std::string(graded.status().message());
        run.findings.push_back(std::move(finding));
        return true;
      }
      const std::lock_guard<std::mutex> lock(mutex_);
      failure_.Update(graded.status());
      return false;
    }
    run.results = graded->results;
    run.findings = graded->findings;
    run.warnings = graded->warnings;
    return true;
  }

  void Remember(const Lab& lab, const Answer& answer, int repetition,
                const AnswerRun& run) {
    NoticeTrouble(
        cache_.Remember(lab, answer, NeededNow(lab, answer), repetition, run));
  }

  void NoticeTrouble(const absl::Status& status) {
    if (!status.ok() && !cache_failed_.exchange(true)) {
      progress_.Done(Cat("racelab: ", std::string(status.message()),
                         ": what is proved is not remembered"));
    }
  }

  void Finish(LabWork& work, size_t answer, std::vector<Problem> problems,
              MatrixRow row, size_t remembered) {
    // At once: with --repeat, the lab's other answers may take hours yet.
    if (!problems.empty()) {
      progress_.Done(Cat(Mark(problems), " ", work.lab.name, " ",
                         work.answers[answer].name, ": ",
                         problems.front().what));
    }
    std::string line;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (work.answers[answer].kind == AnswerKind::kStarter) {
        work.starter_proved = problems.empty();
      }
      for (Problem& problem : problems) {
        work.problems.push_back(std::move(problem));
      }
      work.rows[answer] = std::move(row);
      work.remembered += remembered;
      if (--work.left > 0) return;
      line = Line(work);
    }
    progress_.Done(line);
  }

  std::string Line(const LabWork& work) const {
    char seconds[32];
    std::snprintf(seconds, sizeof seconds, "%.1f s",
                  std::chrono::duration<double>(
                      std::chrono::steady_clock::now() - work.start)
                      .count());
    std::string line = Cat(Mark(work.problems), " ", work.lab.name, ": ",
                           work.answers.size(), " answers");
    if (work.remembered > 0) {
      Append(line, ", ", work.remembered, " runs remembered");
    }
    Append(line, ", ", seconds);
    // What is wrong with them is told at length at the end.
    std::vector<std::string> wrong;
    for (const Problem& problem : work.problems) {
      if (std::find(wrong.begin(), wrong.end(), problem.where) == wrong.end()) {
        wrong.push_back(problem.where);
      }
    }
    return wrong.empty() ? line : Cat(line, ": ", manifest::Join(wrong, ", "));
  }

  // Tells the problems; the exit code.
  int Report() {
    size_t wrong = 0;
    bool decided = false;
    for (const auto& work : labs_) {
      if (work->starter_proved && work->problems.empty()) {
        KeepStarter(context_, work->lab, work->answers[0].files).IgnoreError();
      }
      if (work->problems.empty()) continue;
      ++wrong;
      std::printf("\n%s/%s\n", work->lab.module.c_str(),
                  work->lab.name.c_str());
      for (const Problem& problem : work->problems) {
        decided = decided || !problem.undecided;
        Tell(*work, problem);
      }
    }
    std::printf("\n%zu of %zu labs are what they say they are.\n",
                labs_.size() - wrong, labs_.size());
    if (usage_ != scoring::kExitPass) return usage_;
    if (wrong == 0) return scoring::kExitPass;
    return decided ? scoring::kExitFail : scoring::kExitMachine;
  }

  void Tell(const LabWork& work, const Problem& problem) {
    std::printf("  %s: %s\n", problem.where.c_str(), problem.what.c_str());
    if (!problem.has_result || !problem.result.finding.has_value()) return;
    report::LabReport report;
    report.name = work.lab.name;
    report.module = work.lab.module;
    report.dir = Cat("labs/", work.lab.module, "/", work.lab.name);
    report.sources = ReadSources(work.lab.directory);
    for (const Answer& answer : work.answers) {
      if (answer.name != problem.where) continue;
      for (const auto& [name, content] : answer.files) {
        std::vector<std::string> lines;
        for (std::string_view line : manifest::Split(content, '\n')) {
          lines.emplace_back(line);
        }
        report.sources[Cat("student/", name)] = std::move(lines);
      }
    }
    std::fputs(report::TerminalFinding(*problem.result.finding, report,
                                       report::TerminalOptionsFor(1))
                   .c_str(),
               stdout);
  }

  int WriteMatrix() {
    if (matrix_ == nullptr) return scoring::kExitPass;
    std::vector<MatrixLab> labs;
    for (const auto& work : labs_) {
      MatrixLab lab;
      lab.module = work->lab.module;
      lab.name = work->lab.name;
      lab.title = work->lab.title;
      lab.engines = work->lab.Engines();
      lab.engines.insert(lab.engines.begin(), verdict::Engine::kStatic);
      lab.rows = work->rows;
      labs.push_back(std::move(lab));
    }
    // A lab whose manifest cannot be read is another one, too.
    const bool all =
        (options_.all || options_.labs.empty()) && usage_ == scoring::kExitPass;
    const absl::Status status = matrix_->Write(labs, all);
    return status.ok() ? scoring::kExitPass : Fail(status, scoring::kExitUsage);
  }

  const Context& context_;
  const VerifyOptions& options_;
  MatrixFile* const matrix_;
  ProofCache cache_;
  Cores cores_;
  Progress progress_;
  std::vector<std::unique_ptr<LabWork>> labs_;
  std::vector<Item> items_;
  int usage_ = scoring::kExitPass;
  std::atomic<size_t> next_{0};
  std::atomic<bool> cache_failed_{false};
  std::mutex mutex_;
  // Items that another racelab was running; guarded by mutex_.
  std::deque<size_t> claimed_;
  absl::Status failure_;  // guarded by mutex_ while workers run
};

}  // namespace

int Verify(const Context& context, const manifest::Catalog& catalog,
           const VerifyOptions& options) {
  std::optional<MatrixFile> matrix;
  if (!options.matrix.empty()) {
    matrix.emplace(context, options.matrix);
    const absl::Status opened = matrix->Open();
    if (!opened.ok()) return Fail(opened, scoring::kExitUsage);
  }
  Verifier verifier(context, options, matrix.has_value() ? &*matrix : nullptr);
  if (options.labs.empty() || options.all) {
    for (const manifest::LabFolder& folder : catalog.folders()) {
      verifier.Add(folder);
    }
  } else {
    for (const std::string& name : options.labs) {
      const auto folder = catalog.Find(name);
      if (!folder.ok()) return Fail(folder.status(), scoring::kExitUsage);
      verifier.Add(*folder);
    }
  }
  return verifier.Run();
}

}  // namespace racelab::cli
