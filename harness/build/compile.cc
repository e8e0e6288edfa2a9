#include "build/compile.h"

#include <signal.h>
#include <string.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "sandbox/sandbox.h"

namespace racelab::build {
namespace fs = std::filesystem;
namespace {

using Args = std::vector<std::string>;

// The folders as the compiler sees them: fixed names inside the sandbox, the
// real ones without.
struct Places {
  std::string lab, include, precompiled, out;
};

Places PlacesOf(const Workshop& workshop, const fs::path& sources,
                const fs::path& out) {
  if (workshop.no_sandbox) {
    return {sources, workshop.include, "", out};
  }
  return {"/lab", "/racelab/include", "/racelab/precompiled", "/out"};
}

struct Job {
  Args tool;
  std::string cwd;
  std::vector<sandbox::Bind> binds;  // beside `out`
  fs::path out;
};

bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

bool SaysFull(std::string_view text) {
  return Contains(text, "No space left on device") ||
         Contains(text, "Disk quota exceeded");
}

// Whether a tool that `command` ran failed for want of space in `out`. Its
// words alone could be the student's (#error), and a quota shows only to those
// whom it binds: so dd writes there, in the same sandbox.
absl::StatusOr<bool> DiskIsFull(const sandbox::Command& command,
                                const sandbox::RunResult& run,
                                const std::string& out) {
  using End = sandbox::RunResult::End;
  // Through a mapping of the file.
  const bool dies = run.end == End::kSignalled && run.code == SIGBUS;
  if (!SaysFull(run.err) && !dies) return false;
  constexpr uint64_t kMiB = uint64_t{1} << 20;
  sandbox::Command fill = command;
  fill.argv = {"/bin/dd", "if=/dev/zero", absl::StrCat("of=", out, "/room"),
               "bs=1M",
               absl::StrCat("count=", command.limits.file_bytes / kMiB),
               // Some file systems tell only then.
               "conv=fsync"};
  auto filled = sandbox::Run(fill);
  if (!filled.ok()) return filled.status();
  if (absl::Status ended =
          EndedFromOutside(*filled, fill.limits, fill.argv.front());
      !ended.ok()) {
    return ended;
  }
  return !filled->ok() && SaysFull(filled->err);
}

// Takes the last line off the text.
std::string_view TakeLine(std::string_view& text) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  const size_t begin = text.rfind('\n') + 1;  // 0 if there is none
  const std::string_view line = text.substr(begin);
  text.remove_suffix(line.size());
  return line;
}

// The foreign signal that ended a child of a driver, as the driver's last words
// have it; 0: none. What the compiler printed before, a student may have chosen
// (static_assert), but not without an error of their own: gcc's "error: ", the
// assembler's "Error: ".
int SignalOfChild(std::string_view said, const std::string& driver) {
  const std::string_view last = TakeLine(said), line = TakeLine(said);
  if (Contains(said, "rror: ")) return 0;
  for (const int signal : sandbox::kForeignSignals) {
    const std::string name = sigdescr_np(signal);
    const bool gcc =
        last == "compilation terminated." &&
        (line.starts_with(absl::StrCat(driver, ": fatal error: ", name,
                                       " signal terminated program ")) ||
         line.starts_with(
             absl::StrCat("collect2: fatal error: ld terminated with signal ",
                          signal, " [")));
    const bool clang =
        last.starts_with(driver + ": error: ") &&
        Contains(last, " command failed due to signal ") &&
        line == driver + ": error: unable to execute command: " + name;
    if (gcc || clang) return signal;
  }
  return 0;
}

absl::StatusOr<ToolResult> RunTool(const Workshop& workshop, const Job& job) {
  sandbox::Command command;
  command.argv = job.tool;
  command.env = {"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", "TMPDIR=/tmp",
                 // malloc asks for large pages: a fifth of the time is saved
                 "GLIBC_TUNABLES=glibc.malloc.hugetlb=1",
                 // __DATE__ and __TIME__ are the same in every build
                 "SOURCE_DATE_EPOCH=0"};
  command.cwd = job.cwd;
  command.allow_processes = true;
  command.no_sandbox = workshop.no_sandbox;
  command.binds = job.binds;
  command.binds.push_back(
      {.host = job.out, .inside = "/out", .writable = true});
  command.limits = {.wall_seconds = 120,  // the machine may be busy
                    .cpu_seconds = 20,
                    .memory_bytes = uint64_t{2} << 30,
                    .address_space = true,
                    .processes = 32,
                    .open_files = 256,
                    .file_bytes = uint64_t{64} << 20,
                    .scratch_bytes = uint64_t{128} << 20,
                    .keep_output = 256 << 10,
                    .output_bytes = uint64_t{8} << 20};
  auto run = sandbox::Run(command);
  if (!run.ok()) return run.status();
  if (!run->ok()) {
    const auto full = DiskIsFull(
        command, *run, workshop.no_sandbox ? job.out.string() : "/out");
    if (!full.ok()) return full.status();
    if (*full) {
      return absl::ResourceExhaustedError(absl::StrCat(
          "the disk that holds ", job.out.parent_path().parent_path().string(),
          " is full, so nothing can be compiled"));
    }
    if (absl::Status ended =
            EndedFromOutside(*run, command.limits, job.tool.front());
        !ended.ok()) {
      return ended;
    }
  }
  ToolResult result;
  result.diagnostics = std::move(run->err);
  if (run->end != sandbox::RunResult::End::kExited) {
    absl::StrAppend(
        &result.diagnostics, "\nThe compiler was stopped: it ",
        run->end == sandbox::RunResult::End::kSignalled ? "was " : "",
        Describe(*run, command.limits), ".\n");
    result.stopped = true;
    return result;
  }
  // Some inputs break a compiler before they reach a limit, or at one.
  if (const size_t crash = result.diagnostics.find("PLEASE submit a bug");
      crash != std::string::npos) {
    result.stopped = true;
    result.diagnostics.resize(crash);
    absl::StrAppend(
        &result.diagnostics,
        "\nThe compiler was stopped: it crashed, or its output grew "
        "over the limit of 64 MiB.\n");
  }
  result.ok = run->code == 0;
  return result;
}

// The sandbox's user writes there; the folder above is private.
absl::StatusOr<Scratch> OutFolder(const Workshop& workshop) {
  auto folder = workshop.cache->Stage();
  if (folder.ok()) chmod(folder->path().c_str(), 0777);
  return folder;
}

// The labkit's folder, and what of it stands before everything else.
void AddInclude(const Workshop& workshop, Variant variant, const Places& places,
                Args& compile) {
  compile.push_back(absl::StrCat("-I", places.include));
  if (workshop.toolchain.compiler == Compiler::kClang19 &&
      variant == Variant::kInstrumented) {
    compile.insert(compile.end(), {"-include", "labkit/weak_exchange.h"});
  }
}

absl::Status Fetch(const fs::path& file, std::string& into) {
  auto content = ReadFile(file);
  if (!content.ok()) return content.status();
  into = *std::move(content);
  return absl::OkStatus();
}

// The one file in `folder`, whose name the compiler chose.
absl::Status FetchOnly(const fs::path& folder, std::string& into) {
  std::error_code error;
  // As in ReadFile: never through a link.
  if (fs::is_symlink(folder, error)) {
    return absl::InvalidArgumentError(
        absl::StrCat(folder.string(), " is not a folder"));
  }
  const fs::directory_iterator it(folder, error);
  if (error || it == fs::directory_iterator()) {
    return absl::InternalError(
        "the compiler left no intermediate code to inspect");
  }
  return Fetch(it->path(), into);
}

}  // namespace

absl::Status EndedFromOutside(const sandbox::RunResult& run,
                              const sandbox::Limits& limits,
                              const std::string& tool) {
  using End = sandbox::RunResult::End;
  int signal = 0;
  switch (run.end) {
    case End::kWallLimit:
      return absl::UnavailableError(absl::StrFormat(
          "the compiler was not finished after %g seconds, in which the "
          "machine gave it %.1f of cpu time; try again when the machine is "
          "less busy",
          limits.wall_seconds, run.cpu_seconds));
    case End::kSignalled:
      if (std::ranges::find(sandbox::kForeignSignals, run.code) !=
          std::end(sandbox::kForeignSignals)) {
        signal = run.code;
      }
      break;
    case End::kExited:
      // Beyond the limit, it is the limit that kills.
      if (run.code != 0 && run.cpu_seconds < limits.cpu_seconds) {
        signal = SignalOfChild(run.err, fs::path(tool).filename());
      }
      break;
    default:
      break;
  }
  if (signal == 0) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat(
      "the compiler was killed from outside: it ended by signal ", signal,
      " (SIG", sigabbrev_np(signal),
      "); see whether the machine ran out of memory, and try again"));
}

absl::StatusOr<ToolResult> Compile(const Workshop& workshop,
                                   const fs::path& sources, const Unit& unit) {
  auto out = OutFolder(workshop);
  if (!out.ok()) return out.status();
  const Places places = PlacesOf(workshop, sources, out->path());
  const Compiler compiler = workshop.toolchain.compiler;
  const bool clang = compiler == Compiler::kClang19;

  Job job;
  job.cwd = places.lab;
  job.out = out->path();
  if (unit.student) {
    job.binds.push_back(
        {.host = sources / "student", .inside = places.lab + "/student"});
  } else {
    job.binds.push_back({.host = sources / "scenario.cc",
                         .inside = places.lab + "/scenario.cc"});
    job.binds.push_back(
        {.host = sources / "headers", .inside = places.lab + "/student"});
  }
  job.binds.push_back({.host = workshop.include, .inside = places.include});

  Args compile = {workshop.toolchain.path};
  const Args flags = CompileFlags(compiler, unit.variant);
  compile.insert(compile.end(), flags.begin(), flags.end());
  // So that debug information and messages say student/counter.cc.
  compile.push_back(absl::StrCat("-ffile-prefix-map=", places.lab, "/="));
  compile.push_back(absl::StrCat("-ffile-prefix-map=", places.lab, "=."));
  compile.push_back(absl::StrCat("-ffile-prefix-map=", places.include, "/="));
  AddInclude(workshop, unit.variant, places, compile);
  compile.push_back("-Istudent");
  if (!unit.precompiled.empty()) {
    job.binds.push_back(
        {.host = unit.precompiled, .inside = places.precompiled});
    compile.push_back("-include-pch");
    compile.push_back(absl::StrCat(places.precompiled, "/headers.pch"));
  }
  const fs::path ir = out->path() / "ir";
  if (clang) {
    // The text form, for inspect.h, of the very module that the object is made
    // from: as it is after the last pass over all of it, when only the
    // generation of code remains. One run, since each start of clang and each
    // reading of such a text takes time that students wait for.
    compile.insert(compile.end(),
                   {"-mllvm", "-print-after=rel-lookup-table-converter",
                    "-mllvm", "-ir-dump-directory=" + places.out + "/ir"});
  }
  compile.insert(compile.end(),
                 {"-c", unit.file, "-o", places.out + "/unit.o"});
  job.tool = std::move(compile);
  auto result = RunTool(workshop, job);
  if (!result.ok() || !result->ok) return result;
  if (absl::Status got = Fetch(out->path() / "unit.o", result->output);
      !got.ok()) {
    return got;
  }
  if (clang) {
    if (absl::Status got = FetchOnly(ir, result->ir); !got.ok()) return got;
  }
  return result;
}

absl::StatusOr<ToolResult> Link(const Workshop& workshop,
                                const std::vector<std::string>& names,
                                const std::vector<std::string>& objects) {
  auto out = OutFolder(workshop);
  if (!out.ok()) return out.status();
  const Places places = PlacesOf(workshop, "", out->path());
  Job job;
  job.cwd = places.out;
  job.out = out->path();
  Args link = {workshop.toolchain.linker};
  const Args flags = LinkFlags();
  link.insert(link.end(), flags.begin(), flags.end());
  for (size_t i = 0; i < objects.size(); ++i) {
    // Named as people know the unit; folders would need making.
    const std::string name =
        absl::StrCat(absl::StrReplaceAll(names[i], {{"/", "."}}), ".o");
    if (absl::Status put = WriteFile(out->path() / name, objects[i]);
        !put.ok()) {
      return put;
    }
    link.push_back(absl::StrCat("./", name));
  }
  link.insert(link.end(), {"-o", "./module.so"});
  job.tool = std::move(link);
  auto result = RunTool(workshop, job);
  if (!result.ok() || !result->ok) return result;
  if (absl::Status got = Fetch(out->path() / "module.so", result->output);
      !got.ok()) {
    return got;
  }
  return result;
}

absl::StatusOr<ToolResult> Precompile(const Workshop& workshop, Variant variant,
                                      const fs::path& folder) {
  auto out = OutFolder(workshop);
  if (!out.ok()) return out.status();
  const Places places = PlacesOf(workshop, out->path(), out->path());
  Job job;
  job.cwd = places.out;
  job.out = out->path();
  job.binds.push_back({.host = workshop.include, .inside = places.include});
  job.binds.push_back({.host = folder, .inside = places.precompiled});
  Args compile = {workshop.toolchain.path};
  const Args flags = CompileFlags(workshop.toolchain.compiler, variant);
  compile.insert(compile.end(), flags.begin(), flags.end());
  AddInclude(workshop, variant, places, compile);
  compile.push_back(absl::StrCat("-ffile-prefix-map=", places.include, "/="));
  // Without its headers' times, so that a copy of the cache is as good; whether
  // they have changed is a matter of the key.
  compile.insert(
      compile.end(),
      {"-Xclang", "-fno-pch-timestamp", "-fpch-instantiate-templates", "-x",
       "c++-header", places.precompiled + "/headers.h", "-o", "headers.pch"});
  job.tool = std::move(compile);
  auto result = RunTool(workshop, job);
  if (!result.ok() || !result->ok) return result;
  if (absl::Status got = Fetch(out->path() / "headers.pch", result->output);
      !got.ok()) {
    return got;
  }
  if (absl::Status put = WriteFile(folder / "headers.pch", result->output);
      !put.ok()) {
    return put;
  }
  return result;
}

}  // namespace racelab::build
