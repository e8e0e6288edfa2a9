#include "build/build.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "build/cache.h"
#include "build/capabilities.h"
#include "build/compile.h"
#include "build/diagnostics.h"
#include "build/directives.h"
#include "build/inspect.h"
#include "build/leading_headers.h"
#include "build/precompiled.h"
#include "build/sha256.h"
#include "build/sources.h"
#include "build/toolchain.h"
#include "build/units.h"

namespace racelab::build {
namespace fs = std::filesystem;
namespace {

// The instrumented one is always made: inspect.h reads it.
constexpr std::array<Variant, 2> kVariants = {Variant::kInstrumented,
                                              Variant::kNative};
// More than a student reads.
constexpr size_t kMaxFindings = 20;
// Part of every key: raise it when what an entry holds changes.
constexpr char kFormat[] = "2";

// With the labkit's headers, from the cache or into it.
absl::StatusOr<Workshop> MakeWorkshop(const BuildRequest& request,
                                      const Sources& labkit,
                                      const Cache& cache) {
  auto toolchain = FindToolchain(request.compiler);
  if (!toolchain.ok()) return toolchain.status();
  Sha256 hash;
  hash.Add(kFormat).Add(toolchain->identity).Add(Name(request.compiler));
  for (const Variant variant : kVariants) {
    for (const auto& flag : CompileFlags(request.compiler, variant)) {
      hash.Add(flag);
    }
  }
  for (const auto& flag : LinkFlags()) hash.Add(flag);
  for (const auto& [name, content] : labkit) hash.Add(name).Add(content);
  hash.Add(request.no_sandbox ? "open" : "isolated");

  Workshop workshop;
  workshop.key = "tools-" + hash.Hex().substr(0, 32);
  workshop.toolchain = *std::move(toolchain);
  workshop.cache = &cache;
  workshop.no_sandbox = request.no_sandbox;
  const auto use = [&workshop](const fs::path& entry) {
    workshop.include = entry / "include";
    return workshop;
  };
  if (const auto entry = cache.Find(workshop.key)) return use(*entry);
  auto staged = cache.Stage();
  if (!staged.ok()) return staged.status();
  use(staged->path());
  if (absl::Status put = WriteAll(workshop.include, labkit); !put.ok()) {
    return put;
  }
  auto entry = cache.Commit(workshop.key, *std::move(staged));
  if (!entry.ok()) return entry.status();
  return use(*entry);
}

// The native one only where an engine runs it.
std::vector<Variant> VariantsFor(const BuildRequest& request) {
  const std::vector<verdict::Engine> engines =
      request.engines.empty() ? request.lab->Engines() : request.engines;
  const bool native = std::ranges::any_of(engines, [](verdict::Engine engine) {
    return engine == verdict::Engine::kStress ||
           engine == verdict::Engine::kProcess;
  });
  if (native || engines.empty()) {
    return {Variant::kInstrumented, Variant::kNative};
  }
  return {Variant::kInstrumented};
}

struct Key {
  std::string entry;
  std::string sources;
};

Key ModuleKey(const std::string& tools, const BuildRequest& request,
              const std::vector<Variant>& variants, const Sources& sources) {
  Sha256 all, only_sources;
  all.Add(tools);
  for (const Variant variant : variants) all.Add(Name(variant));
  for (const auto& [name, content] : sources) {
    all.Add(name).Add(content);
    only_sources.Add(name).Add(content);
  }
  all.Add(request.no_sandbox ? "open" : "isolated");
  return {"module-" + all.Hex().substr(0, 40),
          only_sources.Hex().substr(0, 16)};
}

class Builder {
 public:
  Builder(const BuildRequest& request, const Cache& cache)
      : request_(request), cache_(cache), variants_(VariantsFor(request)) {}

  absl::StatusOr<BuildOutcome> Build() {
    if (absl::Status known = CheckGroups(request_.lab->may_use); !known.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat(request_.lab->manifest_shown.string(), ": ",
                       std::string(known.message())));
    }
    auto sources = Collect(*request_.lab, request_.student);
    if (!sources.ok()) return sources.status();
    auto labkit = ReadLabkit(request_.harness);
    if (!labkit.ok()) return labkit.status();
    labkit_ = *std::move(labkit);
    auto workshop = MakeWorkshop(request_, labkit_, cache_);
    if (!workshop.ok()) return workshop.status();
    const Key key = ModuleKey(workshop->key, request_, variants_, *sources);
    hash_ = key.sources;
    const auto is_whole = [&](const fs::path& entry) {
      return IsWhole(entry, *sources);
    };
    if (const auto entry = cache_.Find(key.entry); entry && !is_whole(*entry)) {
      cache_.Discard(key.entry, is_whole);
    } else if (entry && !request_.fresh) {
      outcome_.from_cache = true;
      return Finish(*entry, *sources);
    }
    auto staged = cache_.Stage();
    if (!staged.ok()) return staged.status();
    // A scenario that could see the students' sources would have to be compiled
    // again whenever one of them changes.
    Sources all = *sources;
    for (const auto& [name, content] : *sources) {
      if (IsSource(name) || !absl::StartsWith(name, "student/")) continue;
      all["headers/" + name.substr(sizeof "student/" - 1)] = content;
    }
    if (absl::Status put = WriteAll(staged->path() / "src", all); !put.ok()) {
      return put;
    }
    if (absl::Status made = MakeFolder(staged->path() / "src/headers");
        !made.ok()) {
      return made;
    }
    std::vector<Task> tasks;
    for (const bool student : {true, false}) {
      for (const auto& [name, content] : *sources) {
        if (!IsSource(name) || student != absl::StartsWith(name, "student/")) {
          continue;
        }
        for (const Variant variant : variants_) {
          Task& task = tasks.emplace_back();
          task.unit.file = name;
          task.unit.student = student;
          task.unit.variant = variant;
          task.key = UnitKey(workshop->key, *sources, task.unit);
          if (student) {
            task.headers = LeadingHeaders(*sources, name);
          } else {
            task.headers = {"labkit/labkit.h"};
          }
        }
      }
    }
    Workshop reader = *workshop;
    if (request_.compiler != Compiler::kClang19) {
      auto clang = FindToolchain(Compiler::kClang19);
      if (!clang.ok()) return clang.status();
      reader.toolchain = *std::move(clang);
      AddReadingTasks(tasks);
    }
    DoAll(*workshop, reader, cache_, staged->path() / "src", request_.fresh,
          tasks);
    for (const Task& task : tasks) {
      if (!task.result.ok()) return task.result.status();
      if (!task.result->ok) {
        outcome_.findings = {BuildError(task.result->diagnostics)};
        return outcome_;
      }
    }
    if (absl::Status linked = LinkAll(*workshop, tasks, staged->path());
        !linked.ok() || !outcome_.findings.empty()) {
      if (!linked.ok()) return linked;
      return outcome_;
    }
    if (absl::Status kept = Keep(tasks, staged->path()); !kept.ok()) {
      return kept;
    }
    auto entry = cache_.Commit(key.entry, *std::move(staged));
    if (!entry.ok()) return entry.status();
    cache_.Evict();
    return Finish(*entry, *sources);
  }

 private:
  // All units once more, for clang; the scenario's for the inline functions of
  // a student's headers that nobody else uses.
  static void AddReadingTasks(std::vector<Task>& tasks) {
    std::vector<Task> more = tasks;
    for (Task& task : more) {
      task.only_read = true;
      task.key += "-read";
    }
    tasks.insert(tasks.end(), more.begin(), more.end());
  }

  // Whether the entry has what Finish() takes from it: what cannot be read must
  // not pass for what was read and found good.
  bool IsWhole(const fs::path& entry, const Sources& sources) const {
    return std::ranges::all_of(variants_, [&](Variant variant) {
      const std::string name(Name(variant));
      return HasContent(entry / (name + ".so")) &&
             std::ranges::all_of(sources, [&](const auto& source) {
               return !IsSource(source.first) ||
                      HasContent(entry / "ir" / name / source.first);
             });
    });
  }

  absl::Status LinkAll(const Workshop& workshop, const std::vector<Task>& tasks,
                       const fs::path& folder) {
    std::vector<absl::StatusOr<ToolResult>> results(variants_.size(),
                                                    absl::UnknownError(""));
    std::vector<std::thread> threads;
    for (size_t i = 0; i < variants_.size(); ++i) {
      threads.emplace_back([&, i] {
        std::vector<std::string> names, objects;
        for (const Task& task : tasks) {
          if (task.unit.variant != variants_[i] || task.only_read) continue;
          names.push_back(task.unit.file);
          objects.push_back(task.result->output);
        }
        results[i] = Link(workshop, names, objects);
      });
    }
    for (std::thread& thread : threads) thread.join();
    for (size_t i = 0; i < variants_.size(); ++i) {
      if (!results[i].ok()) return results[i].status();
      std::string wrong = results[i]->diagnostics;
      if (results[i]->ok) {
        wrong = MissingDefinitions(results[i]->diagnostics);
        if (wrong.empty()) {
          if (absl::Status put = WriteFile(
                  folder / absl::StrCat(std::string(Name(variants_[i])), ".so"),
                  results[i]->output);
              !put.ok()) {
            return put;
          }
          continue;
        }
      }
      outcome_.findings = {BuildError(wrong)};
      return absl::OkStatus();
    }
    return absl::OkStatus();
  }

  // What a later build that finds the entry needs beside the modules.
  static absl::Status Keep(const std::vector<Task>& tasks,
                           const fs::path& folder) {
    Sources files;
    for (const Task& task : tasks) {
      const std::string variant(Name(task.unit.variant));
      if (!task.result->ir.empty()) {
        files[absl::StrCat("ir/", variant, "/", task.unit.file)] =
            task.result->ir;
      }
      if (task.unit.student && !task.only_read &&
          task.unit.variant == Variant::kInstrumented) {
        files["warnings.txt"] += Clean(task.result->diagnostics);
      }
    }
    return WriteAll(folder, files);
  }

  absl::StatusOr<BuildOutcome> Finish(const fs::path& entry,
                                      const Sources& sources) {
    Modules modules;
    modules.instrumented = entry / "instrumented.so";
    if (variants_.size() == kVariants.size()) {
      modules.native = entry / "native.so";
    }
    modules.source_root = entry / "src";
    modules.source_hash = hash_;
    modules.compiler = request_.compiler;
    outcome_.modules = modules;
    if (auto warnings = ReadFile(entry / "warnings.txt"); warnings.ok()) {
      outcome_.warnings = *std::move(warnings);
    }
    if (absl::Status inspected = InspectAll(entry, sources); !inspected.ok()) {
      return inspected;
    }
    return outcome_;
  }

  // Each time, from what the entry keeps: it takes milliseconds, and depends on
  // the manifest too.
  absl::Status InspectAll(const fs::path& entry, const Sources& sources) {
    std::set<std::string> said;
    const auto add = [&](std::vector<verdict::Finding> findings) {
      for (verdict::Finding& finding : findings) {
        if (outcome_.findings.size() < kMaxFindings &&
            said.insert(finding.message).second) {
          outcome_.findings.push_back(std::move(finding));
        }
      }
    };
    // The scenario's macros are labkit's, too.
    std::string scenario = sources.at("scenario.cc");
    for (const auto& [name, content] : labkit_) scenario += "\n" + content;
    Sources students;
    for (const auto& [name, content] : sources) {
      if (absl::StartsWith(name, "student/")) students[name] = content;
    }
    add(InspectDirectives(students, scenario));
    for (const Variant variant : variants_) {
      for (const auto& [name, content] : sources) {
        if (!IsSource(name)) continue;
        const fs::path file = entry / "ir" / std::string(Name(variant)) / name;
        const auto ir = ReadFile(file);
        if (!ir.ok()) return ir.status();
        if (ir->empty()) {
          return absl::InternalError(absl::StrCat(
              file.string(), " is empty: the cache is damaged; delete it"));
        }
        add(Inspect({.ir = *ir,
                     .file = name,
                     .student = absl::StartsWith(name, "student/"),
                     .instrumented = variant == Variant::kInstrumented,
                     .may_use = request_.lab->may_use}));
      }
    }
    return absl::OkStatus();
  }

  const BuildRequest& request_;
  const Cache& cache_;
  const std::vector<Variant> variants_;
  Sources labkit_;
  std::string hash_;
  BuildOutcome outcome_;
};

}  // namespace

absl::StatusOr<BuildOutcome> Build(const BuildRequest& request) {
  const auto begin = std::chrono::steady_clock::now();
  auto cache = Cache::Open(request.cache, request.cache_bytes);
  if (!cache.ok()) return cache.status();
  auto outcome = Builder(request, *cache).Build();
  if (outcome.ok()) {
    outcome->seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin)
            .count();
  }
  return outcome;
}

}  // namespace racelab::build
