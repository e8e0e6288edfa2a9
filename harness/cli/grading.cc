#include "cli/grading.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <mutex>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "build/build.h"
#include "cli/files.h"
#include "cli/misconceptions.h"
#include "cli/progress.h"
#include "engines/engine.h"
#include "engines/judge.h"
#include "manifest/text.h"
#include "sandbox/sandbox.h"
#include "scoring/scoring.h"

namespace racelab::cli {
namespace {

namespace fs = std::filesystem;
using manifest::Cat;
using manifest::Lab;
using verdict::Engine;
using verdict::Outcome;
using verdict::TestResult;

double SecondsSince(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
      .count();
}

// Threads that must really meet need a core each. Processes of a lab mostly
// wait for each other.
int CoresFor(Engine engine, int jobs) {
  switch (engine) {
    case Engine::kStress:
      return 2;
    case Engine::kModel:
      return jobs;
    case Engine::kProcess:
      return 0;  // its processes wait for each other, and for a timeout
    default:
      return 1;
  }
}

bool Wanted(const GradeRequest& request, const manifest::Test& test,
            Engine engine) {
  const bool named = request.tests.empty() ||
                     std::find(request.tests.begin(), request.tests.end(),
                               test.name) != request.tests.end();
  return named && std::find(test.engines.begin(), test.engines.end(), engine) !=
                      test.engines.end();
}

std::vector<Engine> WantedEngines(const GradeRequest& request) {
  std::vector<Engine> engines;
  for (Engine engine : request.lab->Engines()) {
    const bool asked = request.engines.empty() ||
                       std::find(request.engines.begin(), request.engines.end(),
                                 engine) != request.engines.end();
    const bool used =
        std::any_of(request.lab->tests.begin(), request.lab->tests.end(),
                    [&](const manifest::Test& test) {
                      return Wanted(request, test, engine);
                    });
    if (asked && used) engines.push_back(engine);
  }
  // Those that share the cores first; whoever needs them all comes after.
  std::sort(engines.begin(), engines.end(), [&](Engine a, Engine b) {
    return std::pair(CoresFor(a, request.jobs), a) <
           std::pair(CoresFor(b, request.jobs), b);
  });
  return engines;
}

// The same harness error for every test and engine that was asked for.
void CouldNot(const GradeRequest& request, Engine engine,
              const std::string& reason, const std::string& mend,
              Graded& graded) {
  for (const manifest::Test& test : request.lab->tests) {
    if (!Wanted(request, test, engine)) continue;
    TestResult result;
    result.test = test.name;
    result.engine = engine;
    result.outcome = Outcome::kHarnessError;
    result.reason = reason;
    result.mend = mend;
    graded.results.push_back(std::move(result));
  }
}

std::string MendFor(const absl::Status& status) {
  if (absl::IsResourceExhausted(status)) {
    return "make room there, or name another folder with --state";
  }
  if (absl::IsFailedPrecondition(status) || absl::IsNotFound(status)) {
    return "`./racelab doctor` shows what this machine lacks";
  }
  return "run it again; if it stays so, `./racelab doctor` looks at this "
         "machine";
}

// Says what all engines do, as one line.
class Phases {
 public:
  explicit Phases(const GradeRequest& request) : request_(request) {}

  void Set(Engine engine, std::string what) {
    if (!request_.on_phase) return;
    std::string line;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      const auto at = std::find_if(
          running_.begin(), running_.end(),
          [engine](const auto& entry) { return entry.first == engine; });
      if (at != running_.end()) running_.erase(at);
      if (!what.empty()) running_.emplace_back(engine, std::move(what));
      std::vector<std::string> parts;
      for (const auto& [name, text] : running_) {
        parts.push_back(Cat(verdict::Name(name), ": ", text));
      }
      line = manifest::Join(parts, "; ");
    }
    if (!line.empty()) request_.on_phase(line);
  }

 private:
  const GradeRequest& request_;
  std::mutex mutex_;
  // Guarded by mutex_.
  std::vector<std::pair<Engine, std::string>> running_;
};

std::vector<std::string> Lines(const fs::path& file) {
  std::vector<std::string> lines;
  const absl::StatusOr<std::string> text = ReadWhole(file);
  if (!text.ok()) return lines;
  for (std::string_view line : manifest::Split(*text, '\n')) {
    lines.emplace_back(line);
  }
  return lines;
}

}  // namespace

absl::StatusOr<build::BuildOutcome> BuildAnswer(const Context& context,
                                                const Lab& lab,
                                                const manifest::Files& files,
                                                std::vector<Engine> engines) {
  build::BuildRequest request;
  request.lab = &lab;
  request.student = files;
  request.engines = std::move(engines);
  request.compiler = context.compiler;
  request.harness = context.harness;
  request.cache = context.state / "cache" / "modules";
  request.no_sandbox = context.no_sandbox;
  absl::StatusOr<build::BuildOutcome> built = build::Build(request);
  // Whatever step it came to, an interrupt says nothing of the machine.
  if (!built.ok() && sandbox::Cancelled()) {
    return absl::CancelledError("interrupted");
  }
  return built;
}

absl::StatusOr<build::BuildOutcome> BuildFor(const Context& context,
                                             const GradeRequest& request) {
  return BuildAnswer(context, *request.lab, request.files,
                     WantedEngines(request));
}

std::map<std::string, std::vector<std::string>> ReadSources(
    const fs::path& root) {
  std::map<std::string, std::vector<std::string>> sources;
  std::error_code error;
  for (fs::recursive_directory_iterator it(root, error), end; it != end;
       it.increment(error)) {
    if (error) break;
    if (!it->is_regular_file(error)) continue;
    sources[it->path().lexically_relative(root).string()] = Lines(it->path());
  }
  return sources;
}

namespace {

// Processor time that a container may use, in cores; as many as there are where
// nothing limits it (cgroup v2, cpu.max: "200000 100000").
double CoresOfContainer() {
  std::ifstream file("/sys/fs/cgroup/cpu.max");
  double quota = 0, period = 0;
  if (file >> quota >> period && quota > 0 && period > 0) return quota / period;
  return CPU_SETSIZE;
}

}  // namespace

int MachineCores() {
  cpu_set_t mine;
  const int allowed = sched_getaffinity(0, sizeof mine, &mine) == 0
                          ? CPU_COUNT(&mine)
                          : static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN));
  return std::max(
      2, std::min(allowed, static_cast<int>(std::ceil(CoresOfContainer()))));
}

int DefaultJobs() { return MachineCores() + 2; }

absl::StatusOr<Graded> Grade(const Context& context,
                             const GradeRequest& request) {
  const auto start = std::chrono::steady_clock::now();
  const Lab& lab = *request.lab;
  Graded graded;
  const std::vector<Engine> engines = WantedEngines(request);

  if (request.on_phase) request.on_phase("building");
  const absl::StatusOr<build::BuildOutcome> built = BuildFor(context, request);
  if (!built.ok()) {
    if (absl::IsInvalidArgument(built.status()) ||
        absl::IsCancelled(built.status())) {
      return built.status();
    }
    // Where the machine was in the way, the message ends with a mend.
    engines::SplitMend(std::string(built.status().message()), graded.reason,
                       graded.mend);
    if (!absl::IsUnavailable(built.status()) || graded.mend.empty()) {
      graded.reason = std::string(built.status().message());
      graded.mend = MendFor(built.status());
    }
    for (Engine engine : engines) {
      CouldNot(request, engine, graded.reason, graded.mend, graded);
    }
    graded.seconds = SecondsSince(start);
    return graded;
  }
  graded.findings = built->findings;
  graded.warnings = built->warnings;
  graded.from_cache = built->from_cache;
  if (!built->modules.has_value()) {
    graded.seconds = SecondsSince(start);
    return graded;
  }
  graded.source_hash = built->modules->source_hash;
  graded.source_root = built->modules->source_root;

  Phases phases(request);
  std::mutex mutex;      // guards `graded` and `failure` below
  absl::Status failure;  // a caller's mistake, or an interrupt
  std::vector<std::jthread> threads;
  for (Engine engine : engines) {
    threads.emplace_back([&, engine] {
      const Cores::Hold hold(*request.cores, CoresFor(engine, request.jobs));
      engines::RunOptions options;
      options.runners = context.runners;
      options.seed = request.seed;
      options.budget =
          request.budget * (engine == Engine::kStress ? request.stress : 1);
      options.jobs = request.jobs;
      options.no_sandbox = context.no_sandbox;
      for (const manifest::Test& test : lab.tests) {
        if (Wanted(request, test, engine)) options.tests.push_back(test.name);
      }
      options.on_begin = [&](std::string_view test) {
        phases.Set(engine, std::string(test));
      };
      options.on_progress = [&](std::string_view test, uint64_t executions) {
        phases.Set(engine, Cat(test, " ", WithCommas(executions)));
      };
      absl::StatusOr<std::vector<TestResult>> results =
          engines::RunEngine(engine, lab, *built->modules, options);
      phases.Set(engine, "");
      const std::lock_guard<std::mutex> lock(mutex);
      if (!results.ok()) {
        failure.Update(results.status());
        return;
      }
      for (TestResult& result : *results) {
        const manifest::Test* test = lab.FindTest(result.test);
        if (test == nullptr || !Wanted(request, *test, engine)) continue;
        graded.results.push_back(std::move(result));
      }
    });
  }
  threads.clear();  // joins
  if (!failure.ok()) return failure;
  graded.seconds = SecondsSince(start);
  return graded;
}

report::LabReport MakeReport(const Context& context, const Lab& lab,
                             const manifest::Files& files, const Graded& graded,
                             std::string_view replay_suffix) {
  const scoring::LabScore score =
      scoring::Score(lab, graded.results, graded.findings);
  const Misconceptions misconceptions(context, lab, files);
  report::LabReport report;
  report.name = lab.name;
  report.module = lab.module;
  report.title = lab.title;
  report.dir = Cat("labs/", lab.module, "/", lab.name);
  report.points = score.points;
  report.max_points = score.max_points;
  report.outcome = score.outcome;
  report.findings = graded.findings;
  report.reason = graded.reason;
  report.mend = graded.mend;
  report.seconds = graded.seconds;
  if (!graded.source_root.empty()) {
    report.sources = ReadSources(graded.source_root);
  }
  for (const scoring::TestScore& row : score.tests) {
    report::TestReport test;
    test.name = row.test;
    test.points = row.points;
    test.max_points = row.max_points;
    test.outcome = row.outcome;
    test.results = row.results;
    for (const TestResult& result : row.results) {
      test.seconds += result.evidence.seconds;
      if (result.outcome != Outcome::kFail || !result.finding.has_value()) {
        continue;
      }
      if (test.replay_command.empty() && !result.finding->token.empty()) {
        test.replay_command =
            Cat("./racelab replay ", result.finding->token, replay_suffix);
      }
      if (test.misconception.empty()) {
        test.misconception = misconceptions.SentenceFor(result);
      }
    }
    report.tests.push_back(std::move(test));
  }
  return report;
}

report::LabReport NotReadable(const Context& context, const Lab& lab,
                              const absl::Status& why) {
  GradeRequest request;
  request.lab = &lab;
  Graded graded;
  graded.reason = std::string(why.message());
  graded.mend = MendFor(why);
  for (Engine engine : lab.Engines()) {
    CouldNot(request, engine, graded.reason, graded.mend, graded);
  }
  return MakeReport(context, lab, {}, graded, "");
}

report::LabReport NotGradable(const Context& context, const Lab& lab,
                              std::string_view why) {
  Graded graded;
  verdict::Finding finding;
  finding.kind = verdict::FailureKind::kBuildError;
  finding.message = std::string(why);
  graded.findings.push_back(std::move(finding));
  return MakeReport(context, lab, {}, graded, "");
}

report::RunReport Total(const Context& context,
                        std::vector<report::LabReport> labs) {
  report::RunReport run;
  run.command = context.command;
  run.started_at = Now();
  run.versions = {{"racelab", std::string(kVersion)},
                  {"compiler", std::string(build::Name(context.compiler))}};
  run.outcome = Outcome::kPass;
  for (const report::LabReport& lab : labs) {
    run.points += lab.points;
    run.max_points += lab.max_points;
    run.seconds += lab.seconds;
    run.outcome = scoring::Worse(run.outcome, lab.outcome);
  }
  run.labs = std::move(labs);
  return run;
}

}  // namespace racelab::cli
