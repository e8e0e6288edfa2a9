#include "build/precompiled.h"

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "build/cache.h"
#include "build/sha256.h"

namespace racelab::build {
namespace fs = std::filesystem;
namespace {

// Part of the key: raise it when what an entry holds changes.
constexpr char kFormat[] = "2";

}  // namespace

bool CanPrecompile(const Workshop& workshop) {
  return !workshop.no_sandbox &&
         workshop.toolchain.compiler == Compiler::kClang19;
}

absl::StatusOr<fs::path> Precompiled(const Workshop& workshop, Variant variant,
                                     const std::vector<std::string>& headers) {
  Sha256 hash;
  hash.Add(kFormat).Add(workshop.key).Add(Name(workshop.toolchain.compiler));
  hash.Add(Name(variant));
  std::string text;
  for (const std::string& header : headers) {
    absl::StrAppend(&text, "#include <", header, ">\n");
  }
  hash.Add(text);
  const std::string key = "headers-" + hash.Hex().substr(0, 40);
  const Cache& cache = *workshop.cache;
  if (const auto entry = cache.Find(key)) return *entry;
  auto lock = cache.LockFor(key);
  if (!lock.ok()) return lock.status();
  if (const auto entry = cache.Find(key)) return *entry;
  auto staged = cache.Stage();
  if (!staged.ok()) return staged.status();
  if (absl::Status put = WriteFile(staged->path() / "headers.h", text);
      !put.ok()) {
    return put;
  }
  auto made = Precompile(workshop, variant, staged->path());
  if (!made.ok()) return made.status();
  if (!made->ok) return absl::InvalidArgumentError(made->diagnostics);
  return cache.Commit(key, *std::move(staged));
}

}  // namespace racelab::build
