#include "build/units.h"

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "build/cache.h"
#include "build/precompiled.h"
#include "build/sha256.h"

namespace racelab::build {
namespace fs = std::filesystem;
namespace {

absl::StatusOr<ToolResult> CompileTask(const Workshop& workshop,
                                       const fs::path& sources,
                                       const Task& task) {
  Unit unit = task.unit;
  if (task.headers.empty() || !CanPrecompile(workshop)) {
    return Compile(workshop, sources, unit);
  }
  auto precompiled = Precompiled(workshop, unit.variant, task.headers);
  if (!precompiled.ok() && !absl::IsInvalidArgument(precompiled.status())) {
    return precompiled.status();
  }
  if (!unit.student && !precompiled.ok()) {
    return absl::InternalError(
        absl::StrCat("the labkit's headers do not compile: ",
                     std::string(precompiled.status().message())));
  }
  if (precompiled.ok()) unit.precompiled = *precompiled;
  auto result = Compile(workshop, sources, unit);
  // A student reads what the compiler says of the plain files: it tells the
  // way through their own #include lines. And a precompiled header that has
  // spoilt in the cache is nobody's mistake.
  const bool says_nothing = result.ok() && result->ok &&
                            (!unit.student || result->diagnostics.empty());
  if (unit.precompiled.empty() || !result.ok() || result->stopped ||
      says_nothing) {
    return result;
  }
  unit.precompiled.clear();
  return Compile(workshop, sources, unit);
}

// From the cache, or compiled and put there. Failures are not kept.
void Do(const Workshop& workshop, const Cache& cache, const fs::path& sources,
        bool fresh, Task& task) {
  const bool leaves_ir = workshop.toolchain.compiler == Compiler::kClang19;
  const auto is_whole = [leaves_ir](const fs::path& entry) {
    return HasContent(entry / "unit.o") &&
           (!leaves_ir || HasContent(entry / "unit.ll")) &&
           fs::exists(entry / "diagnostics.txt");
  };
  if (const auto entry = cache.Find(task.key); entry && !is_whole(*entry)) {
    cache.Discard(task.key, is_whole);
  } else if (entry && !fresh) {
    auto object = ReadFile(*entry / "unit.o");
    auto ir = ReadFile(*entry / "unit.ll");
    auto said = ReadFile(*entry / "diagnostics.txt");
    if (object.ok() && ir.ok() && said.ok()) {
      task.result = ToolResult{
          .ok = true, .output = *object, .ir = *ir, .diagnostics = *said};
      return;
    }
  }
  task.result = CompileTask(workshop, sources, task);
  if (!task.result.ok() || !task.result->ok) return;
  auto staged = cache.Stage();
  if (!staged.ok() ||
      !WriteAll(staged->path(),
                Sources{{"unit.o", task.result->output},
                        {"unit.ll", task.result->ir},
                        {"diagnostics.txt", task.result->diagnostics}})
           .ok()) {
    return;  // A cache that can't keep it slows the next build, no more.
  }
  cache.Commit(task.key, *std::move(staged)).IgnoreError();
}

}  // namespace

void DoAll(const Workshop& workshop, const Workshop& reader, const Cache& cache,
           const fs::path& sources, bool fresh, std::vector<Task>& tasks) {
  // Relaxed would do: the joins below publish the results.
  std::atomic<size_t> next = 0;
  const auto work = [&] {
    for (size_t i; (i = next.fetch_add(1)) < tasks.size();) {
      Do(tasks[i].only_read ? reader : workshop, cache, sources, fresh,
         tasks[i]);
    }
  };
  std::thread other(work);
  work();
  other.join();
}

std::string UnitKey(const std::string& tools, const Sources& sources,
                    const Unit& unit) {
  Sha256 hash;
  hash.Add(tools).Add(unit.file).Add(Name(unit.variant));
  hash.Add(sources.at(unit.file));
  for (const auto& [name, content] : sources) {
    // What a unit can see, it may include: its own folder's files.
    if (!unit.student && name != unit.file && IsSource(name)) continue;
    if (unit.student && !absl::StartsWith(name, "student/")) continue;
    hash.Add(name).Add(content);
  }
  return "unit-" + hash.Hex().substr(0, 40);
}

}  // namespace racelab::build
