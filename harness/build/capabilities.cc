#include "build/capabilities.h"

#include <cxxabi.h>
#include <dlfcn.h>
#include <stdlib.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace racelab::build {
namespace {

using Kind = Meaning::Kind;

bool StartsWith(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

// A name, or a prefix where it ends in '*'.
bool Matches(std::string_view pattern, std::string_view name) {
  if (pattern.empty() || pattern.back() != '*') return pattern == name;
  return StartsWith(name, pattern.substr(0, pattern.size() - 1));
}

struct GroupRule {
  std::string_view pattern;
  std::vector<std::string_view> groups;
};

// C names. The first match counts.
const std::vector<GroupRule>& GroupRules() {
  static const auto* const rules = new std::vector<GroupRule>{
      {"pthread_mutex*", {"mutex"}},
      {"pthread_spin_*", {"mutex"}},
      {"pthread_rwlock*", {"shared_mutex"}},
      {"pthread_cond*", {"condition_variable"}},
      {"pthread_barrier*", {"barrier"}},
      {"pthread_once", {"call_once"}},
      // asks only
      {"pthread_self", {}},
      {"pthread_equal", {}},
      {"pthread_key_*", {}},
      {"pthread_getspecific", {}},
      {"pthread_setspecific", {}},
      {"pthread_yield", {}},
      {"pthread_getname_np", {}},
      {"pthread_setname_np", {}},
      {"pthread_kill", {"signal"}},
      {"pthread_sigmask", {"signal"}},
      {"pthread_create", {"thread"}},
      {"pthread_join", {"thread"}},
      {"pthread_tryjoin_np", {"thread"}},
      {"pthread_timedjoin_np", {"thread"}},
      {"pthread_clockjoin_np", {"thread"}},
      {"pthread_detach", {"thread"}},
      {"pthread_exit", {"thread"}},
      {"pthread_attr_*", {"thread"}},
      {"pthread_cancel", {"thread"}},
      {"sem_open", {"shared_memory"}},
      {"sem_close", {"shared_memory"}},
      {"sem_unlink", {"shared_memory"}},
      {"sem_*", {"semaphore", "shared_memory"}},
      {"nanosleep", {"sleep"}},
      {"clock_nanosleep", {"sleep"}},
      {"usleep", {"sleep"}},
      {"sleep", {"sleep"}},
      {"fork", {"process"}},
      {"vfork", {"process"}},
      {"wait", {"process"}},
      {"waitpid", {"process"}},
      {"waitid", {"process"}},
      {"wait3", {"process"}},
      {"wait4", {"process"}},
      {"execv*", {"process"}},
      {"execl*", {"process"}},
      {"fexecve", {"process"}},
      {"posix_spawn*", {"process"}},
      {"kill", {"process", "signal"}},
      {"_exit", {"process"}},
      {"_Exit", {"process"}},
      {"getppid", {"process"}},
      {"setpgid", {"process"}},
      {"pipe", {"pipe"}},
      {"pipe2", {"pipe"}},
      {"socketpair", {"socket"}},
      {"send", {"socket"}},
      {"sendto", {"socket"}},
      {"sendmsg", {"socket"}},
      {"recv", {"socket"}},
      {"recvfrom", {"socket"}},
      {"recvmsg", {"socket"}},
      {"shutdown", {"socket"}},
      {"read", {"pipe", "socket", "io"}},
      {"readv", {"pipe", "socket", "io"}},
      {"write", {"pipe", "socket", "io"}},
      {"writev", {"pipe", "socket", "io"}},
      {"close", {"pipe", "socket", "io", "shared_memory", "mmap"}},
      {"dup", {"pipe", "socket", "io"}},
      {"dup2", {"pipe", "socket", "io"}},
      {"dup3", {"pipe", "socket", "io"}},
      {"fcntl", {"pipe", "socket", "io"}},
      {"fcntl64", {"pipe", "socket", "io"}},
      {"poll", {"poll", "pipe", "socket", "io"}},
      {"ppoll", {"poll", "pipe", "socket", "io"}},
      {"select", {"poll", "pipe", "socket", "io"}},
      {"pselect", {"poll", "pipe", "socket", "io"}},
      {"epoll_*", {"poll", "pipe", "socket", "io"}},
      {"fdopen", {"pipe", "socket", "io"}},
      {"open", {"io"}},
      {"open64", {"io"}},
      {"openat*", {"io"}},
      {"creat*", {"io"}},
      {"fopen*", {"io"}},
      {"freopen*", {"io"}},
      {"tmpfile*", {"io"}},
      {"mkstemp*", {"io"}},
      {"lseek*", {"io"}},
      {"pread*", {"io"}},
      {"pwrite*", {"io"}},
      {"unlink*", {"io"}},
      {"mkdir*", {"io"}},
      {"opendir", {"io"}},
      {"readdir*", {"io"}},
      {"mmap", {"mmap", "shared_memory"}},
      {"mmap64", {"mmap", "shared_memory"}},
      {"munmap", {"mmap", "shared_memory"}},
      {"msync", {"mmap", "shared_memory"}},
      {"ftruncate*", {"shared_memory", "mmap"}},
      {"shm_open", {"shared_memory"}},
      {"shm_unlink", {"shared_memory"}},
      {"shmget", {"shared_memory"}},
      {"shmat", {"shared_memory"}},
      {"shmdt", {"shared_memory"}},
      {"shmctl", {"shared_memory"}},
      {"memfd_create", {"shared_memory"}},
      {"signal", {"signal"}},
      {"sigaction", {"signal"}},
      {"sigprocmask", {"signal"}},
      {"sigwait*", {"signal"}},
      {"raise", {"signal"}},
      {"alarm", {"signal"}},
      {"setitimer", {"signal"}},
      {"pause", {"signal"}},
  };
  return *rules;
}

struct ForbiddenRule {
  std::string_view pattern;
  std::string_view why;
};

constexpr std::string_view kEndsEarly =
    "it ends the program before the test does";
constexpr std::string_view kBypasses = "it goes around what checks the program";
constexpr std::string_view kDetector = "it talks to the race detector";
constexpr std::string_view kSurroundings = "it changes the test's surroundings";

constexpr ForbiddenRule kForbidden[] = {
    {"exit", kEndsEarly},
    {"quick_exit", kEndsEarly},
    {"exit_group", kEndsEarly},
    {"tgkill", kEndsEarly},
    {"killpg", kEndsEarly},
    {"sigqueue", kEndsEarly},
    {"syscall", kBypasses},
    {"dlopen", kBypasses},
    {"dlmopen", kBypasses},
    {"dlsym", kBypasses},
    {"dlvsym", kBypasses},
    {"dladdr*", kBypasses},
    {"dlinfo", kBypasses},
    {"dl_iterate_phdr", kBypasses},
    {"mprotect", kBypasses},
    {"pkey_*", kBypasses},
    {"process_vm_*", kBypasses},
    {"ptrace", kBypasses},
    {"prctl", kBypasses},
    {"arch_prctl", kBypasses},
    {"personality", kBypasses},
    {"clone", kBypasses},
    {"clone3", kBypasses},
    {"unshare", kBypasses},
    {"setns", kBypasses},
    {"makecontext", kBypasses},
    {"swapcontext", kBypasses},
    {"setcontext", kBypasses},
    {"ioctl", kBypasses},
    {"setenv", kSurroundings},
    {"putenv", kSurroundings},
    {"unsetenv", kSurroundings},
    {"clearenv", kSurroundings},
    {"environ", kSurroundings},
    {"setrlimit*", kSurroundings},
    {"prlimit*", kSurroundings},
    {"sched_setaffinity", kSurroundings},
    {"sched_setscheduler", kSurroundings},
    {"pthread_setaffinity_np", kSurroundings},
    {"pthread_setschedparam", kSurroundings},
    {"pthread_atfork", kSurroundings},
    {"chroot", kSurroundings},
    {"chdir", kSurroundings},
    {"daemon", kSurroundings},
    {"system", kSurroundings},
    {"popen", kSurroundings},
    {"socket", "labs have no network"},
    {"connect", "labs have no network"},
    {"bind", "labs have no network"},
    {"listen", "labs have no network"},
    {"accept*", "labs have no network"},
    {"getaddrinfo", "labs have no network"},
    {"Annotate*", kDetector},
    {"WTFAnnotate*", kDetector},
    {"RunningOnValgrind", kDetector},
    {"racelab_*", "it is the harness's own"},
};

// Names beginning with '_' that compilers and headers bring in by themselves.
constexpr std::string_view kReservedButOrdinary[] = {
    "__cxa_*",
    "__gxx_personality_*",
    "__gcc_personality_*",
    "_Unwind_Resume",
    "_Unwind_DeleteException",
    "__assert_fail",
    "__assert",
    "__stack_chk_fail",
    "__tls_get_addr",
    "__dso_handle",
    "__errno_location",
    "__libc_single_threaded",
    "__dynamic_cast",
    "__once_proxy",
    "__emutls_*",
    "__isoc99_*",
    "__isoc23_*",
    "__ctype_*",
    "__pthread_key_create",  // "are there threads?" in libstdc++
    "__gthread_*",
    "__sched_cpu*",
    "__fpclassify*",
    "__isnan*",
    "__isinf*",
    "__signbit*",
    "__finite*",
    "__clang_call_terminate",
    "_GLOBAL_OFFSET_TABLE_",
    "_ITM_*",
    "__gmon_start__",
    // arithmetic that the processor lacks
    "__addtf3",
    "__subtf3",
    "__multf3",
    "__divtf3",
    "__extend*",
    "__trunc*",
    "__fix*",
    "__float*",
    "__udivti3",
    "__umodti3",
    "__divti3",
    "__modti3",
    "__mulo*",
    "__popcount*",
    "__builtin_*",
};

// What -fsanitize=thread puts in. Anything else that begins so was written by
// hand: __tsan_ignore_thread_begin, __tsan_acquire, …
constexpr std::string_view kInstrumentation[] = {
    "__tsan_read*",      "__tsan_write*",      "__tsan_unaligned_*",
    "__tsan_volatile_*", "__tsan_func_entry",  "__tsan_func_exit",
    "__tsan_vptr_read",  "__tsan_vptr_update", "__tsan_atomic*",
    "__tsan_memcpy",     "__tsan_memmove",     "__tsan_memset",
    "__tsan_init",
};

template <typename Patterns>
bool MatchesAny(const Patterns& patterns, std::string_view name) {
  return std::any_of(
      std::begin(patterns), std::end(patterns),
      [name](std::string_view pattern) { return Matches(pattern, name); });
}

struct ComponentRule {
  std::string_view prefix;
  std::string_view group;  // empty: ordinary
};

// Qualified names. The first match counts; "std::atomic<" before "std::atomic".
constexpr ComponentRule kComponents[] = {
    {"std::recursive_mutex", "mutex"},
    {"std::timed_mutex", "mutex"},
    {"std::recursive_timed_mutex", "mutex"},
    {"std::__timed_mutex_impl", "mutex"},
    {"std::__recursive_mutex_base", "mutex"},
    {"std::__mutex_base", "mutex"},
    {"std::mutex", "mutex"},
    {"std::shared_mutex", "shared_mutex"},
    {"std::shared_timed_mutex", "shared_mutex"},
    {"std::__shared_mutex_", "shared_mutex"},
    {"std::__shared_timed_mutex_base", "shared_mutex"},
    {"std::condition_variable", "condition_variable"},
    {"std::_V2::condition_variable_any", "condition_variable"},
    {"std::__condvar", "condition_variable"},
    {"std::notify_all_at_thread_exit", "condition_variable"},
    {"std::counting_semaphore", "semaphore"},
    {"std::__platform_semaphore", "semaphore"},
    {"std::__atomic_semaphore", "semaphore"},
    {"std::latch", "latch"},
    {"std::barrier", "barrier"},
    {"std::__tree_barrier", "barrier"},
    {"std::thread", "thread"},
    {"std::jthread", "thread"},
    {"std::stop_", "thread"},
    {"std::_Stop_", "thread"},
    {"std::future", "future"},
    {"std::shared_future", "future"},
    {"std::promise", "future"},
    {"std::packaged_task", "future"},
    {"std::async", "future"},
    {"std::__future_base", "future"},
    {"std::__basic_future", "future"},
    {"std::__atomic_futex", "future"},
    {"std::call_once", "call_once"},
    {"std::once_flag", "call_once"},
    {"std::this_thread::sleep", "sleep"},
    {"std::this_thread::__sleep", "sleep"},
    {"std::this_thread::", ""},
    {"std::atomic", "atomic"},
    {"std::__atomic_base", "atomic"},
    {"std::__atomic_float", "atomic"},
    {"std::__atomic_ref", "atomic"},
    {"std::__atomic_impl", "atomic"},
    {"std::__atomic_wait", "atomic"},
    {"std::__atomic_notify", "atomic"},
    {"std::_Sp_atomic", "atomic"},
    {"std::kill_dependency", "atomic"},
    {"std::basic_fstream", "io"},
    {"std::basic_ifstream", "io"},
    {"std::basic_ofstream", "io"},
    {"std::basic_filebuf", "io"},
    {"std::filesystem", "io"},
    // shared_ptr counts with atomics, as everybody knows who uses it
    {"std::shared_ptr", ""},
    {"std::weak_ptr", ""},
    {"std::__shared_ptr", ""},
    {"std::__weak_ptr", ""},
    {"std::__shared_count", ""},
    {"std::__weak_count", ""},
    {"std::_Sp_counted", ""},
    {"std::make_shared", ""},
    {"std::allocate_shared", ""},
    {"std::enable_shared_from_this", ""},
    {"std::locale", ""},
    {"std::basic_string", ""},
    {"std::__cxx11::basic_string", ""},
    {"std::__exception_ptr", ""},
    {"std::pmr::", ""},
    {"absl::Mutex", "absl_mutex"},
    {"absl::ReaderMutexLock", "absl_mutex"},
    {"absl::WriterMutexLock", "absl_mutex"},
    {"absl::ReleasableMutexLock", "absl_mutex"},
    {"absl::CondVar", "absl_mutex"},
    {"absl::Condition", "absl_mutex"},
    {"absl::Notification", "absl_mutex"},
    {"absl::BlockingCounter", "absl_mutex"},
    {"absl::Barrier", "absl_mutex"},
    {"absl::SleepFor", "sleep"},
    {"absl::call_once", "call_once"},
};

// Without inline namespaces that only versions are called by.
std::string Demangle(const std::string& symbol) {
  int status = 0;
  char* text = abi::__cxa_demangle(symbol.c_str(), nullptr, nullptr, &status);
  if (status != 0 || text == nullptr) return symbol;
  std::string name = text;
  free(text);
  for (const std::string_view version :
       {"std::__cxx11::", "absl::debian3::", "absl::lts_20220623::"}) {
    const std::string_view kept = version.substr(0, version.find("::") + 2);
    for (size_t at; (at = name.find(version)) != std::string::npos;) {
      name.replace(at, version.size(), kept);
    }
  }
  return name;
}

// "std::mutex::lock" of "void std::mutex::lock<int>(int)": no return type, no
// template arguments of the last part, no parameters.
std::string Qualified(const std::string& demangled) {
  std::string name = demangled;
  for (size_t at;
       (at = name.find("(anonymous namespace)")) != std::string::npos;) {
    name.replace(at, 21, "{anonymous}");
  }
  int depth = 0;
  size_t begin = 0, end = name.size();
  for (size_t i = 0; i < name.size(); ++i) {
    // "operator<", "operator->", "operator()" bring brackets of their own.
    if (name.compare(i, 8, "operator") == 0 && depth == 0) {
      end = name.find('(', i + 8);
      if (end != std::string::npos && name.compare(end, 2, "()") == 0) {
        end = name.find('(', end + 2);
      }
      if (end == std::string::npos) end = name.size();
      break;
    }
    if (name[i] == '<') ++depth;
    if (name[i] == '>') --depth;
    if (depth != 0) continue;
    if (name[i] == ' ') begin = i + 1;
    if (name[i] == '(') {
      end = i;
      break;
    }
  }
  return name.substr(begin, end - begin);
}

}  // namespace

const std::vector<std::string>& CapabilityGroups() {
  static const auto* const groups = new std::vector<std::string>{
      "mutex",         "shared_mutex", "condition_variable",
      "semaphore",     "atomic",       "thread",
      "future",        "call_once",    "latch",
      "barrier",       "absl_mutex",   "sleep",
      "process",       "pipe",         "poll",
      "socket",        "io",           "mmap",
      "shared_memory", "signal"};
  return *groups;
}

absl::Status CheckGroups(const std::vector<std::string>& may_use) {
  const std::vector<std::string>& known = CapabilityGroups();
  std::vector<std::string> unknown;
  for (const std::string& group : may_use) {
    if (std::find(known.begin(), known.end(), group) == known.end()) {
      unknown.push_back(absl::StrCat("\"", group, "\""));
    }
  }
  if (unknown.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("may_use: unknown group ", absl::StrJoin(unknown, ", "),
                   "; the groups are ", absl::StrJoin(known, ", ")));
}

Meaning MeaningOf(const std::string& symbol) {
  Meaning meaning;
  if (StartsWith(symbol, "_Z")) {
    const std::string name = Qualified(Demangle(symbol));
    if (StartsWith(name, "testing::") || StartsWith(name, "racelab::")) {
      return {Kind::kForbidden, {}, "it is the tests' own"};
    }
    const Component component = ComponentOf(symbol);
    if (component.known && !component.group.empty()) {
      meaning.kind = Kind::kGroup;
      meaning.groups = {component.group};
    }
    return meaning;
  }
  for (const ForbiddenRule& rule : kForbidden) {
    if (Matches(rule.pattern, symbol)) {
      return {Kind::kForbidden, {}, rule.why};
    }
  }
  for (const GroupRule& rule : GroupRules()) {
    if (!Matches(rule.pattern, symbol)) continue;
    if (rule.groups.empty()) return meaning;
    return {Kind::kGroup, rule.groups, ""};
  }
  if (StartsWith(symbol, "llvm.x86.") && symbol != "llvm.x86.sse2.pause") {
    return {Kind::kForbidden, {}, kBypasses};
  }
  if (!StartsWith(symbol, "_")) return meaning;
  if (StartsWith(symbol, "__tsan_") || StartsWith(symbol, "__sanitizer_")) {
    if (MatchesAny(kInstrumentation, symbol)) return meaning;
    return {Kind::kForbidden, {}, kDetector};
  }
  const std::string_view name = symbol;
  const bool fortified =
      name.size() > 4 && name.substr(name.size() - 4) == "_chk";
  if (fortified && StartsWith(name, "__")) {
    // "__read_chk" means what "read" does.
    return MeaningOf(std::string(name.substr(2, name.size() - 6)));
  }
  if (MatchesAny(kReservedButOrdinary, symbol)) return meaning;
  return {Kind::kForbidden, {}, "it is internal to the system's libraries"};
}

Component ComponentOf(const std::string& function) {
  const std::string name = Qualified(Demangle(function));
  for (const ComponentRule& rule : kComponents) {
    if (StartsWith(name, rule.prefix)) return {true, rule.group};
  }
  return {};
}

std::string TakesOver(const std::string& symbol, std::string_view linkage,
                      bool function) {
  if (linkage == "internal" || linkage == "private") return "";
  if (StartsWith(symbol, "_Z")) {
    const std::string name = Qualified(Demangle(symbol));
    const bool made_by_template = StartsWith(linkage, "linkonce") ||
                                  StartsWith(linkage, "weak_odr") ||
                                  linkage == "available_externally";
    if (StartsWith(name, "testing::")) return "GoogleTest";
    if (StartsWith(name, "racelab::") || StartsWith(name, "labkit::")) {
      return "the harness";
    }
    if (StartsWith(name, "operator new") ||
        StartsWith(name, "operator delete")) {
      return "memory allocation";
    }
    if (made_by_template) return "";
    if (StartsWith(name, "__cxxabiv1::") || StartsWith(name, "__gnu_cxx::")) {
      return "the C++ library";
    }
    // A specialization for a type of one's own is fine: std::hash<Seat>.
    if (StartsWith(name, "std::") && name.find('<') == std::string::npos) {
      return "the C++ library";
    }
    if (StartsWith(name, "absl::")) return "Abseil";
    return "";
  }
  if (StartsWith(symbol, "__tsan") || StartsWith(symbol, "__sanitizer") ||
      StartsWith(symbol, "__asan") || StartsWith(symbol, "__ubsan") ||
      StartsWith(symbol, "__llvm") || StartsWith(symbol, "Annotate")) {
    return "the race detector";
  }
  if (StartsWith(symbol, "racelab_")) return "the harness";
  if (symbol == "DW.ref.__gxx_personality_v0" || symbol == "__tls_init" ||
      symbol == "__clang_call_terminate" || symbol == "__tls_guard" ||
      symbol == "__dso_handle") {
    return "";
  }
  if (StartsWith(symbol, "__")) return "the system's libraries";
  // A variable called `index` is its own; a function called `write` is not.
  if (function && (dlsym(RTLD_DEFAULT, symbol.c_str()) != nullptr ||
                   MeaningOf(symbol).kind != Kind::kOrdinary)) {
    return "libc";
  }
  return "";
}

std::string Readable(const std::string& symbol) {
  std::string name = Qualified(Demangle(symbol));
  // The classes that people know, not those that libstdc++ makes them of.
  static constexpr std::pair<std::string_view, std::string_view> kKnownAs[] = {
      {"std::__atomic_base", "std::atomic"},
      {"std::__atomic_float", "std::atomic"},
      {"std::__atomic_ref", "std::atomic_ref"},
      {"std::__atomic_impl", "std::atomic"},
      {"std::__platform_semaphore", "std::counting_semaphore"},
      {"std::__atomic_semaphore", "std::counting_semaphore"},
      {"std::__shared_mutex_pthread", "std::shared_mutex"},
      {"std::__shared_mutex_cv", "std::shared_mutex"},
      {"std::__mutex_base", "std::mutex"},
      {"std::__recursive_mutex_base", "std::recursive_mutex"},
      {"std::_V2::", "std::"},
  };
  for (const auto& [inner, known] : kKnownAs) {
    if (StartsWith(name, inner)) name.replace(0, inner.size(), known);
  }
  if (const size_t op = name.find("::operator "); op != std::string::npos) {
    if (const size_t end = name.find('(', op); end != std::string::npos) {
      name.resize(end);
    }
  }
  // Template arguments say nothing to a student.
  std::string kept;
  int depth = 0;
  for (size_t i = 0; i < name.size(); ++i) {
    if (name.compare(i, 8, "operator") == 0 && depth == 0) {
      return kept + name.substr(i);
    }
    if (name[i] == '<') ++depth;
    if (depth == 0) kept += name[i];
    if (name[i] == '>') --depth;
  }
  return kept;
}

}  // namespace racelab::build
