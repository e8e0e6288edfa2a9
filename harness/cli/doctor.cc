// racelab doctor: what this machine gives, a line each, with its mend.

#include <elf.h>
#include <sched.h>
#include <sys/auxv.h>
#include <sys/personality.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "cli/commands.h"
#include "cli/files.h"
#include "manifest/text.h"
#include "report/terminal.h"
#include "sandbox/sandbox.h"
#include "scoring/scoring.h"

namespace racelab::cli {
namespace {

namespace fs = std::filesystem;
using manifest::Append;
using manifest::Cat;

// kWarn: works, but less well than it could.
enum class Health { kGood, kWarn, kBad };

struct Line {
  Health health = Health::kGood;
  std::string what;
  std::string found;
  std::string mend;  // empty if good
};

std::string FirstLine(const fs::path& file) {
  const auto text = ReadWhole(file);
  if (!text.ok()) return "";
  return text->substr(0, text->find('\n'));
}

// Installed Debian packages and their versions, from dpkg's own database.
std::map<std::string, std::string, std::less<>> Installed() {
  std::map<std::string, std::string, std::less<>> installed;
  const auto status = ReadWhole("/var/lib/dpkg/status");
  if (!status.ok()) return installed;
  std::string package;
  bool is_installed = false;
  for (std::string_view line : manifest::Split(*status, '\n')) {
    if (line.starts_with("Package: ")) {
      package = line.substr(9);
      is_installed = false;
    } else if (line.starts_with("Status: ")) {
      is_installed = line.ends_with(" installed");
    } else if (line.starts_with("Version: ") && is_installed) {
      installed[package] = line.substr(9);
    }
  }
  return installed;
}

// The names in the one list of packages.
std::vector<std::string> Packages(const Context& context) {
  std::vector<std::string> packages;
  const auto list = ReadWhole(context.harness / "debian-packages.txt");
  if (!list.ok()) return packages;
  for (std::string_view line : manifest::Split(*list, '\n')) {
    const std::string_view name = line.substr(0, line.find_first_of(" #\t"));
    if (!name.empty()) packages.emplace_back(name);
  }
  return packages;
}

Line Compiler(std::string_view path, std::string_view package, bool needed) {
  Line line;
  line.what = Cat("compiler ", path.substr(path.rfind('/') + 1));
  if (access(std::string(path).c_str(), X_OK) == 0) {
    line.found = "installed";
  } else {
    line.health = needed ? Health::kBad : Health::kWarn;
    line.found = needed ? "missing" : "missing (only for --compiler gcc-12)";
    line.mend = Cat("sudo apt-get install ", package);
  }
  return line;
}

Line PackageLine(const Context& context) {
  Line line;
  line.what = "Debian packages";
  const std::vector<std::string> wanted = Packages(context);
  const auto installed = Installed();
  if (installed.empty()) {
    line.health = Health::kWarn;
    line.found = "no dpkg here: cannot tell";
    line.mend = "install what harness/debian-packages.txt names by hand";
    return line;
  }
  std::vector<std::string> missing;
  for (const std::string& name : wanted) {
    if (!installed.contains(name)) missing.push_back(name);
  }
  if (missing.empty()) {
    line.found = Cat("all ", wanted.size(), " installed");
  } else {
    line.health = Health::kBad;
    line.found = Cat("missing: ", manifest::Join(missing, " "));
    line.mend = Cat("sudo apt-get install ", manifest::Join(missing, " "));
  }
  return line;
}

Line Runners(const Context& context) {
  Line line;
  line.what = "runners";
  std::vector<std::string> missing;
  for (const char* engine : {"tsan", "stress", "model", "process"}) {
    const fs::path runner = context.runners / Cat("runner.", engine);
    if (access(runner.c_str(), X_OK) != 0) missing.emplace_back(engine);
  }
  line.found = "tsan, stress, model, process";
  if (!missing.empty()) {
    line.health = Health::kBad;
    line.found = Cat("not built: ", manifest::Join(missing, ", "));
    line.mend = "rm -rf build, then any ./racelab command builds them anew";
  }
  return line;
}

Line Aslr() {
  Line line;
  line.what = "address randomization";
  const std::string mode = FirstLine("/proc/sys/kernel/randomize_va_space");
  const std::string bits = FirstLine("/proc/sys/vm/mmap_rnd_bits");
  line.found = Cat("mode ", mode.empty() ? "unknown" : mode);
  if (bits.empty()) return line;
  Append(line.found, ", ", bits, " bits");
  // Clang 19's ThreadSanitizer starts itself again without randomization where
  // there is too much of it; GCC 12's gives up.
  if (mode != "0" && std::atoi(bits.c_str()) > 28) {
    line.health = Health::kWarn;
    line.found += ": more than GCC 12's ThreadSanitizer bears";
    line.mend = "sudo sysctl vm.mmap_rnd_bits=28";
  }
  return line;
}

Line FsGsBase() {
  Line line;
  line.what = "FSGSBASE";
#if defined(__x86_64__)
  // Bit 1 of AT_HWCAP2: the kernel lets programs set their FS base themselves.
  if ((getauxval(AT_HWCAP2) & 2) != 0) {
    line.found = "yes: thread_locals cost the model checker little";
  } else {
    line.health = Health::kWarn;
    line.found =
        "no: where there are thread_locals, the model checker makes a system "
        "call for each switch";
    line.mend = "a kernel of 5.9 or later, without `nofsgsbase`";
  }
#else
  line.health = Health::kBad;
  line.found = "this is no x86-64 machine";
  line.mend = "run Racelab on x86-64";
#endif
  return line;
}

Line SandboxLine(const sandbox::Isolation& isolation) {
  Line line;
  line.what = "sandbox";
  line.found = isolation.detail;
  if (!isolation.works) {
    line.health = Health::kBad;
    line.mend = isolation.mend;
  }
  return line;
}

Line UserNamespaces(const sandbox::Isolation& isolation) {
  Line line;
  line.what = "user namespaces";
  if (!isolation.user_namespaces) {
    line.found = "not needed by root";
    return line;
  }
  const std::string limit = FirstLine("/proc/sys/user/max_user_namespaces");
  const std::string clone =
      FirstLine("/proc/sys/kernel/unprivileged_userns_clone");
  const std::string apparmor =
      FirstLine("/proc/sys/kernel/apparmor_restrict_unprivileged_userns");
  const bool root = geteuid() == 0;
  line.found = root ? "allowed, and needed: this container has no user but root"
                    : "allowed";
  if (limit == "0") {
    line.mend = "sudo sysctl user.max_user_namespaces=10000";
  } else if (clone == "0") {
    line.mend = "sudo sysctl kernel.unprivileged_userns_clone=1";
  } else if (apparmor == "1") {
    line.mend = "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0";
  }
  if (!line.mend.empty()) {
    line.health = Health::kWarn;
    line.found = "switched off on this machine";
    if (root) {
      Append(line.mend,
             " on the machine itself, or more user ids for this container "
             "(rootless Podman: ranges in /etc/subuid and /etc/subgid)");
    }
  }
  return line;
}

Line Cgroups() {
  Line line;
  line.what = "cgroups";
  std::error_code error;
  if (fs::exists("/sys/fs/cgroup/cgroup.controllers", error)) {
    line.found = "version 2";
  } else if (fs::exists("/sys/fs/cgroup/memory", error)) {
    line.found = "version 1";
  } else {
    line.found = "none";
  }
  line.found += " (not needed: the sandbox watches memory itself)";
  return line;
}

Line CoreLine() {
  Line line;
  line.what = "cores";
  cpu_set_t set;
  CPU_ZERO(&set);
  const int cores =
      sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
  line.found = std::to_string(cores);
  if (cores < 2) {
    line.health = Health::kWarn;
    line.found += ": threads never run side by side, so stress sees less";
    line.mend = "two cores or more; the model checker does not mind";
  }
  return line;
}

Line Disk(const Context& context) {
  Line line;
  line.what = "disk";
  const absl::Status writable = CheckWritable(context.state);
  if (!writable.ok()) {
    line.health = Health::kBad;
    line.found = std::string(writable.message());
    line.mend =
        Cat("make ", context.state.string(), " writable, or give --state DIR");
    return line;
  }
  struct statvfs info;
  if (statvfs(context.state.c_str(), &info) != 0) return line;
  const uint64_t free_mib =
      (static_cast<uint64_t>(info.f_bavail) * info.f_frsize) >> 20;
  line.found = Cat(free_mib, " MiB free for the cache");
  if (free_mib < 1024) {
    line.health = Health::kWarn;
    line.mend = "free some space: compiled labs are kept, up to 2 GiB";
  }
  return line;
}

}  // namespace

int Doctor(const Context& context) {
  const report::TerminalOptions term = report::TerminalOptionsFor(1);
  const sandbox::Isolation isolation = sandbox::ProbeIsolation();
  const std::vector<Line> lines = {
      Compiler("/usr/bin/clang++-19", "clang-19 libclang-rt-19-dev lld-19",
               context.compiler == build::Compiler::kClang19),
      Compiler("/usr/bin/g++-12", "g++-12",
               context.compiler == build::Compiler::kGcc12),
      PackageLine(context),
      Runners(context),
      SandboxLine(isolation),
      UserNamespaces(isolation),
      Cgroups(),
      Aslr(),
      FsGsBase(),
      CoreLine(),
      Disk(context),
  };
  int bad = 0;
  for (const Line& line : lines) {
    const char* mark = line.health == Health::kGood   ? "ok  "
                       : line.health == Health::kWarn ? "warn"
                                                      : "BAD ";
    const char* color = line.health == Health::kGood   ? "\033[32m"
                        : line.health == Health::kWarn ? "\033[33m"
                                                       : "\033[31m";
    std::printf("%s%s%s  %-22s %s\n", term.color ? color : "", mark,
                term.color ? "\033[0m" : "", line.what.c_str(),
                line.found.c_str());
    if (!line.mend.empty()) {
      std::printf("      %-22s mend: %s\n", "", line.mend.c_str());
    }
    bad += line.health == Health::kBad ? 1 : 0;
  }
  if (bad > 0) {
    std::printf("\n%d thing%s must be mended before labs can be judged here.\n",
                bad, bad == 1 ? "" : "s");
    return scoring::kExitMachine;
  }
  std::printf("\nThis machine can judge labs.\n");
  return scoring::kExitPass;
}

}  // namespace racelab::cli
