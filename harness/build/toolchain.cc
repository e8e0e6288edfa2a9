#include "build/toolchain.h"

#include <sys/stat.h>

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"

namespace racelab::build {
namespace {

struct Program {
  const char* path;
  const char* package;
};
constexpr Program kClang = {"/usr/bin/clang++-19", "clang-19"};
constexpr Program kGcc = {"/usr/bin/g++-12", "g++-12"};
constexpr Program kLinker = {"/usr/lib/llvm-19/bin/ld.lld", "lld-19"};

// Packages replace these files when they change.
constexpr const char* kHeaders[] = {
    "/usr/include/c++/12/thread",
    "/usr/include/x86_64-linux-gnu/c++/12/bits/c++config.h",
    "/usr/include/gtest/gtest.h",
    "/usr/include/pthread.h",
    "/usr/include/absl/synchronization/mutex.h",
};

// Empty if the file is missing.
std::string Stamp(const char* path) {
  struct stat status;
  if (stat(path, &status) != 0) return "";
  return absl::StrCat(path, " ", status.st_size, " ", status.st_mtim.tv_sec,
                      ".", status.st_mtim.tv_nsec, "\n");
}

}  // namespace

std::string_view Name(Compiler compiler) {
  return compiler == Compiler::kClang19 ? "clang-19" : "gcc-12";
}

std::string_view Name(Variant variant) {
  return variant == Variant::kInstrumented ? "instrumented" : "native";
}

absl::StatusOr<Toolchain> FindToolchain(Compiler compiler) {
  const Program& chosen = compiler == Compiler::kClang19 ? kClang : kGcc;
  Toolchain toolchain;
  toolchain.compiler = compiler;
  toolchain.path = chosen.path;
  toolchain.linker = kGcc.path;
  for (const Program& program : {chosen, kClang, kGcc, kLinker}) {
    const std::string stamp = Stamp(program.path);
    if (stamp.empty()) {
      return absl::NotFoundError(absl::StrCat(
          program.path, " is missing; install it (apt-get install ",
          program.package, ")"));
    }
    toolchain.identity += stamp;
  }
  for (const char* header : kHeaders) toolchain.identity += Stamp(header);
  return toolchain;
}

std::vector<std::string> CompileFlags(Compiler compiler, Variant variant) {
  std::vector<std::string> flags = {
      "-std=c++20", "-g", "-fno-omit-frame-pointer", "-fPIC", "-Wall",
      "-Wextra",
      // libstdc++ 12's own semaphores and proxied waits can lose a wake-up.
      "-D_GLIBCXX_USE_POSIX_SEMAPHORE=1"};
  const auto add = [&flags](std::initializer_list<const char*> more) {
    flags.insert(flags.end(), more.begin(), more.end());
  };
  if (variant == Variant::kInstrumented) {
    // Not -O2: gcc then deletes loops that wait for a plain variable.
    add({"-O1", "-fsanitize=thread", "-DRACELAB_INSTRUMENTED=1"});
  } else {
    add({"-O2"});
  }
  if (compiler == Compiler::kClang19) {
    // Atomics of 16 bytes without libatomic, which nobody could watch.
    add({"-mcx16", "-Wthread-safety", "-fno-color-diagnostics",
         "-ferror-limit=20", "-fdebug-compilation-dir=."});
    if (variant == Variant::kInstrumented) {
      // clang 19 takes a field of a local that other threads know for one that
      // nobody knows, and leaves it out; with this, it gives up to find out.
      add({"-mllvm", "-capture-tracking-max-uses-to-explore=0"});
    }
  } else {
    add({"-fdiagnostics-color=never", "-fmax-errors=20"});
  }
  return flags;
}

std::vector<std::string> LinkFlags() {
  return {
      "-shared",
      // The lld that is called ld.lld there, whatever else is installed.
      "-fuse-ld=lld", "-B/usr/lib/llvm-19/bin", "-fno-use-linker-plugin",
      // The runner resolves the rest. What it should not have to is told
      // from the warnings.
      "-Wl,--unresolved-symbols=report-all", "-Wl,--warn-unresolved-symbols",
      // What the module defines is the module's own: a variable called
      // `index` is not libc's function, and std::vector<int>'s functions are
      // the instrumented ones, not those that a runner or libstdc++ has.
      "-Wl,-Bsymbolic",
      // Fewer writable pages for the model to restore.
      "-Wl,-z,now", "-Wl,-z,relro", "-Wl,--build-id=none",
      // An object must not name libraries to link (#pragma comment).
      "-Wl,--no-dependent-libraries"};
}

}  // namespace racelab::build
