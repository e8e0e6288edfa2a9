#include "engines/engine.h"

#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "engines/gdb_script.h"
#include "engines/judge.h"
#include "engines/request.h"
#include "engines/token.h"
#include "engines/transcript.h"
#include "sandbox/sandbox.h"
#include "verdict/judgement.h"

namespace racelab::engines {
namespace fs = std::filesystem;
namespace {

using verdict::Engine;
using verdict::Judgement;
using Results = std::map<std::string, Judgement>;

constexpr char kRunner[] = "/racelab/runner";
constexpr char kModule[] = "/lab/module.so";
constexpr char kSources[] = "/lab/src";

fs::path RunnerPath(Engine engine, const RunOptions& options) {
  return options.runners /
         absl::StrCat("runner.", std::string(verdict::Name(engine)));
}

// Beyond the budgets that runners keep by themselves.
constexpr double kStartSeconds = 10;
constexpr double kGraceSeconds = 5;

// How many seconds of wall time a runner may take for one of its budget. The
// model counts processor time, and on a loaded machine waits four times as long
// for it (runtimes/model/search/budget.h).
double Patience(Engine engine) { return engine == Engine::kModel ? 4.5 : 1.5; }

sandbox::Limits LimitsFor(Engine engine, double seconds) {
  sandbox::Limits limits;
  limits.wall_seconds = seconds;
  limits.cpu_seconds = 2 * seconds + 10;
  // ThreadSanitizer's shadow is several times the program's memory.
  limits.memory_bytes = engine == Engine::kTsan || engine == Engine::kModel
                            ? uint64_t{3} << 30
                            : uint64_t{1} << 30;
  limits.processes = 512;
  // Runners keep their own descriptors at high numbers.
  limits.open_files = 1024;
  return limits;
}

// One way of running a module under an engine.
struct Way {
  Engine engine = Engine::kModel;
  bool native = false;
  Shard shard;
  std::string replay;
};

class Runs {
 public:
  Runs(const manifest::Lab& lab, const build::Modules& modules,
       const RunOptions& options)
      : lab_(lab), modules_(modules), options_(options) {}

  // A result for each of the tests; an error only if we were interrupted.
  absl::StatusOr<Results> RunAll(const Way& way,
                                 const std::vector<std::string>& tests) const {
    // Tests that share options share a process.
    std::map<std::string, std::vector<std::string>> groups;
    for (const std::string& test : tests) {
      groups[OptionsFor(way.engine, *lab_.FindTest(test), options_, way.shard,
                        way.replay)]
          .push_back(test);
    }
    Results results;
    for (auto& [json, group] : groups) {
      while (!group.empty()) {
        auto settled = RunOnce(way, json, group);
        if (!settled.ok()) return settled.status();
        std::erase_if(group, [&](const std::string& test) {
          return settled->contains(test);
        });
        results.merge(*settled);
      }
    }
    return results;
  }

 private:
  absl::StatusOr<Results> RunOnce(const Way& way, const std::string& json,
                                  const std::vector<std::string>& tests) const {
    double seconds = kStartSeconds;
    for (const std::string& test : tests) {
      seconds += kGraceSeconds +
                 Patience(way.engine) *
                     SecondsFor(way.engine, *lab_.FindTest(test), options_);
    }
    const fs::path runner = RunnerPath(way.engine, options_);
    std::error_code error;
    if (!fs::exists(runner, error)) {
      return CouldNotRun(
          way.engine, tests,
          absl::NotFoundError(absl::StrCat(runner.filename().string(),
                                           " is missing beside racelab; build "
                                           "the harness again")));
    }
    const fs::path& module =
        way.native ? modules_.native : modules_.instrumented;
    RequestFields fields;
    fields.nonce = MakeNonce();
    fields.native = way.native;
    fields.tests = tests;
    fields.seed = options_.seed;
    fields.options = json;
    fields.module = options_.no_sandbox ? module.string() : kModule;
    fields.source_root =
        options_.no_sandbox ? modules_.source_root.string() : kSources;

    Transcript transcript(way.engine, fields.nonce, tests);
    // Progress of one process only; the others do the same work elsewhere.
    if (way.shard.index == 0) {
      transcript.on_begin = options_.on_begin;
      transcript.on_progress = options_.on_progress;
    }
    sandbox::Command command;
    command.argv = {options_.no_sandbox ? runner.string() : kRunner,
                    absl::StrCat("--fd=", sandbox::kChannelFd)};
    command.env = {"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8"};
    command.binds = {{.host = fs::absolute(runner), .inside = kRunner},
                     {.host = module, .inside = kModule},
                     {.host = modules_.source_root, .inside = kSources}};
    command.limits = LimitsFor(way.engine, seconds);
    // Runners with real threads work in children of theirs.
    command.allow_processes = way.engine != Engine::kModel;
    command.allow_shared_memory = lab_.kind == manifest::LabKind::kProcesses;
    command.no_sandbox = options_.no_sandbox;
    command.channel_input = FormatRequest(fields);
    command.on_channel = [&transcript](std::string_view chunk) {
      return transcript.Feed(chunk);
    };
    const auto run = sandbox::Run(command);
    if (absl::IsCancelled(run.status())) return run.status();
    if (!run.ok()) return CouldNotRun(way.engine, tests, run.status());
    return Judge(way.engine, tests, transcript, *run, command.limits);
  }

  const manifest::Lab& lab_;
  const build::Modules& modules_;
  const RunOptions& options_;
};

absl::StatusOr<Results> RunShards(const Runs& runs, int jobs,
                                  const std::vector<std::string>& tests) {
  std::vector<absl::StatusOr<Results>> shards(jobs, absl::UnknownError(""));
  std::vector<std::thread> threads;
  for (int i = 0; i < jobs; ++i) {
    threads.emplace_back([&, i] {
      Way way;
      way.shard = {i, jobs};
      shards[i] = runs.RunAll(way, tests);
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& shard : shards) {
    if (!shard.ok()) return shard.status();
  }
  Results combined;
  for (const std::string& test : tests) {
    std::vector<Judgement> results;
    for (const auto& shard : shards) results.push_back(shard->at(test));
    combined[test] = verdict::MergeShards(results);
  }
  return combined;
}

// Full speed first. What failed there need not be slowed down to fail again.
absl::StatusOr<Results> RunStress(const Runs& runs,
                                  const std::vector<std::string>& tests) {
  Way way{.engine = Engine::kStress, .native = true, .shard = {}, .replay = ""};
  auto results = runs.RunAll(way, tests);
  if (!results.ok()) return results;
  std::vector<std::string> rest;
  for (const auto& [test, recorded] : *results) {
    if (recorded.result.outcome != verdict::Outcome::kFail) {
      rest.push_back(test);
    }
  }
  way.native = false;
  const auto delayed = runs.RunAll(way, rest);
  if (!delayed.ok()) return delayed;
  for (const auto& [test, recorded] : *delayed) {
    (*results)[test] = verdict::MergeWays((*results)[test], recorded);
  }
  return results;
}

absl::StatusOr<Results> RunTests(Engine engine, const manifest::Lab& lab,
                                 const build::Modules& modules,
                                 const RunOptions& options,
                                 const std::vector<std::string>& tests) {
  if (engine == Engine::kStress) {
    // Both ways together take what the lab declares for the engine.
    RunOptions half = options;
    half.budget = options.budget / 2;
    return RunStress(Runs(lab, modules, half), tests);
  }
  const Runs runs(lab, modules, options);
  if (engine == Engine::kModel && options.jobs > 1) {
    return RunShards(runs, options.jobs, tests);
  }
  Way way;
  way.engine = engine;
  way.native = engine == Engine::kProcess;
  return runs.RunAll(way, tests);
}

absl::StatusOr<std::vector<std::string>> Choose(Engine engine,
                                                const manifest::Lab& lab,
                                                const RunOptions& options) {
  for (const std::string& name : options.tests) {
    if (lab.FindTest(name) == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat(lab.name, " has no test ", name));
    }
  }
  std::vector<std::string> chosen;
  for (const manifest::Test& test : lab.tests) {
    const bool named = std::find(test.engines.begin(), test.engines.end(),
                                 engine) != test.engines.end();
    const bool asked = options.tests.empty() ||
                       std::find(options.tests.begin(), options.tests.end(),
                                 test.name) != options.tests.end();
    if (named && asked) chosen.push_back(test.name);
  }
  return chosen;
}

verdict::TestResult WithToken(const Judgement& recorded,
                              const manifest::Lab& lab,
                              const build::Modules& modules) {
  verdict::TestResult result = recorded.result;
  // A command to paste is made of it: never what a record says.
  if (result.finding) result.finding->token.clear();
  if (result.finding && !recorded.replay.empty()) {
    result.finding->token = FormatToken({.lab = lab.name,
                                         .test = result.test,
                                         .source_hash = modules.source_hash,
                                         .decisions = recorded.replay});
  }
  return result;
}

// A file for gdb, gone with the object.
class PassingFile {
 public:
  explicit PassingFile(const std::string& content) {
    std::error_code error;
    const fs::path folder = fs::temp_directory_path(error);
    if (error) return;
    // mkstemp() puts a name that is free in the place of the X.
    path_ = (folder / "racelab-replay-XXXXXX").string();
    const int fd = mkstemp(path_.data());
    if (fd < 0) {
      path_.clear();
      return;
    }
    close(fd);
    std::ofstream file(path_);
    file << content;
    file.close();
    written_ = file.good();
  }
  ~PassingFile() {
    if (!path_.empty()) unlink(path_.c_str());
  }
  PassingFile(const PassingFile&) = delete;
  PassingFile& operator=(const PassingFile&) = delete;
  const std::string& path() const { return path_; }
  bool written() const { return written_; }

 private:
  std::string path_;
  bool written_ = false;
};

// For gdb's `run`, whose arguments a shell takes apart.
std::string Quoted(const std::string& word) {
  return absl::StrCat("'", absl::StrReplaceAll(word, {{"'", "'\\''"}}), "'");
}

absl::StatusOr<verdict::TestResult> ReplayInGdb(const Token& token,
                                                const manifest::Lab& lab,
                                                const build::Modules& modules,
                                                const RunOptions& options) {
  RequestFields fields;
  fields.nonce = MakeNonce();
  fields.tests = {token.test};
  fields.seed = options.seed;
  fields.module = modules.instrumented;
  fields.source_root = modules.source_root;
  fields.options = OptionsFor(Engine::kModel, *lab.FindTest(token.test),
                              options, {}, token.decisions);
  const PassingFile request(FormatRequest(fields));
  // The runner's records are of no use to the person.
  const PassingFile script(absl::StrCat(
      kGdbScript, "run --request=", Quoted(request.path()), " > /dev/null\n"));
  if (!request.written() || !script.written()) {
    return absl::UnavailableError(
        "gdb's files could not be written to the folder for temporary files: "
        "see whether it is full, or set TMPDIR to another one");
  }
  sandbox::Command command;
  command.argv = {"/usr/bin/gdb",
                  "-q",
                  "--directory",
                  modules.source_root.string(),
                  "-x",
                  script.path(),
                  fs::absolute(RunnerPath(Engine::kModel, options)).string()};
  for (char** variable = environ; *variable != nullptr; ++variable) {
    command.env.push_back(*variable);
  }
  command.cwd = fs::current_path();
  const auto run = sandbox::RunInteractive(command);
  if (!run.ok()) return run.status();
  if (run->code == 127) {
    return absl::FailedPreconditionError(
        "gdb is not installed; install it (apt-get install gdb)");
  }
  verdict::TestResult result;
  result.test = token.test;
  result.engine = Engine::kModel;
  result.outcome = verdict::Outcome::kInconclusive;
  result.reason = "the execution was looked at in gdb";
  return result;
}

}  // namespace

absl::StatusOr<std::vector<verdict::TestResult>> RunEngine(
    Engine engine, const manifest::Lab& lab, const build::Modules& modules,
    const RunOptions& options) {
  if (engine == Engine::kStatic) {
    return absl::InvalidArgumentError(
        "the static check has no runner: it is part of building");
  }
  const auto tests = Choose(engine, lab, options);
  if (!tests.ok()) return tests.status();
  std::vector<verdict::TestResult> results;
  if (tests->empty()) return results;
  const auto recorded = RunTests(engine, lab, modules, options, *tests);
  if (!recorded.ok()) return recorded.status();
  for (const std::string& test : *tests) {
    results.push_back(WithToken(recorded->at(test), lab, modules));
  }
  return results;
}

absl::StatusOr<verdict::TestResult> Replay(std::string_view text,
                                           const manifest::Lab& lab,
                                           const build::Modules& modules,
                                           const RunOptions& options,
                                           bool gdb) {
  const auto token = ParseToken(text);
  if (!token.ok()) return token.status();
  if (token->lab != lab.name) {
    return absl::FailedPreconditionError(absl::StrCat(
        "this token is of the lab ", token->lab, ", not of ", lab.name));
  }
  if (lab.FindTest(token->test) == nullptr) {
    return absl::FailedPreconditionError(
        absl::StrCat(lab.name, " no longer has the test ", token->test));
  }
  if (token->source_hash != modules.source_hash) {
    return absl::FailedPreconditionError(
        "the sources have changed since this token was made, and an "
        "interleaving of other code means nothing; run the check again for a "
        "new token");
  }
  if (gdb) return ReplayInGdb(*token, lab, modules, options);
  Way way;
  way.replay = token->decisions;
  auto results = Runs(lab, modules, options).RunAll(way, {token->test});
  if (!results.ok()) return results.status();
  Judgement recorded = results->at(token->test);
  recorded.replay = token->decisions;
  return WithToken(recorded, lab, modules);
}

}  // namespace racelab::engines
