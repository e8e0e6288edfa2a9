#include "build/build.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "build/cache.h"
#include "build/compile.h"
#include "build/sha256.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "manifest/test_folder.h"
#include "sandbox/sandbox.h"

namespace racelab::build {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kHeader[] = "void Add(int n);\nint Total();\n";
constexpr char kCounter[] =
    "#include \"counter.h\"\n"
    "#include <mutex>\n"
    "static std::mutex mutex;\n"
    "static int total = 0;\n"
    "void Add(int n) { std::lock_guard<std::mutex> lock(mutex); total += n; }\n"
    "int Total() { std::lock_guard<std::mutex> lock(mutex); return total; }\n";
constexpr char kScenario[] =
    "#include \"counter.h\"\n"
    "#include \"labkit/labkit.h\"\n"
    "// the secret\n"
    "TEST(Counter, Adds) { Add(2); EXPECT_EQ(Total(), 2); }\n";

// The cache is the test run's: precompiling takes seconds.
class BuildTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new manifest::TestFolder;
    root_ = &folder_->path();
  }
  static void TearDownTestSuite() { delete folder_; }

  BuildTest() {
    lab_.module = "races";
    lab_.name = "counter";
    lab_.editable = {"counter.cc"};
    lab_.may_use = {"mutex"};
    lab_.directory = *root_ / "labs/races/counter";
    EXPECT_TRUE(MakeFolder(lab_.directory / "student").ok());
    EXPECT_TRUE(WriteFile(lab_.directory / "student/counter.h", kHeader).ok());
    EXPECT_TRUE(
        WriteFile(lab_.directory / "student/counter.cc", "starter").ok());
    EXPECT_TRUE(WriteFile(lab_.directory / "scenario.cc", kScenario).ok());
    request_.lab = &lab_;
    request_.harness = fs::current_path() / "harness";
    request_.cache = fs::path(RACELAB_TEST_STATE) / "cache/modules";
    request_.student = {{"counter.cc", kCounter}};
  }

  BuildOutcome MustBuild() {
    auto outcome = Build(request_);
    EXPECT_TRUE(outcome.ok()) << outcome.status();
    return outcome.value_or(BuildOutcome{});
  }

  // The one finding of a submission that does not build.
  verdict::Finding MustFail(std::string source) {
    request_.student["counter.cc"] = std::move(source);
    const BuildOutcome outcome = MustBuild();
    EXPECT_FALSE(outcome.modules.has_value());
    EXPECT_THAT(outcome.findings, SizeIs(1));
    if (outcome.findings.size() != 1) return {};
    EXPECT_EQ(outcome.findings[0].kind, verdict::FailureKind::kBuildError);
    EXPECT_THAT(outcome.findings[0].output,
                AllOf(Not(HasSubstr(root_->string())),
                      Not(HasSubstr(RACELAB_TEST_STATE))));
    return outcome.findings[0];
  }

  static const manifest::TestFolder* folder_;
  static const fs::path* root_;
  manifest::Lab lab_;
  BuildRequest request_;
};
const manifest::TestFolder* BuildTest::folder_ = nullptr;
const fs::path* BuildTest::root_ = nullptr;

TEST_F(BuildTest, MakesBothModules) {
  for (const Compiler compiler : {Compiler::kClang19, Compiler::kGcc12}) {
    request_.compiler = compiler;
    const BuildOutcome outcome = MustBuild();
    ASSERT_TRUE(outcome.modules.has_value()) << Name(compiler);
    EXPECT_THAT(outcome.findings, SizeIs(0));
    const auto instrumented = ReadFile(outcome.modules->instrumented);
    const auto native = ReadFile(outcome.modules->native);
    ASSERT_TRUE(instrumented.ok() && native.ok());
    EXPECT_THAT(*instrumented, AllOf(HasSubstr("__tsan_write4"),
                                     HasSubstr("student/counter.cc"),
                                     Not(HasSubstr(root_->string())),
                                     Not(HasSubstr(RACELAB_TEST_STATE))));
    EXPECT_THAT(*native, Not(HasSubstr("__tsan_write4")));
    EXPECT_EQ(*ReadFile(outcome.modules->source_root / "scenario.cc"),
              kScenario);
    EXPECT_THAT(outcome.modules->source_hash, SizeIs(16));
  }
}

TEST_F(BuildTest, TakesTheSameSourcesFromTheCache) {
  const BuildOutcome first = MustBuild();
  const BuildOutcome second = MustBuild();
  EXPECT_TRUE(second.from_cache);
  EXPECT_EQ(first.modules->instrumented, second.modules->instrumented);
  // Never seen by this cache, however often the test runs.
  request_.student["counter.cc"] += "// " + root_->string() + "\n";
  const BuildOutcome third = MustBuild();
  EXPECT_FALSE(third.from_cache);
  EXPECT_NE(first.modules->source_hash, third.modules->source_hash);
}

TEST_F(BuildTest, QuotesTheCompiler) {
  const verdict::Finding finding = MustFail(
      "#include \"counter.h\"\nvoid Add(int) {\n  total += 1;\n}\n"
      "int Total() { return 0; }\n");
  EXPECT_EQ(finding.where.file, "student/counter.cc");
  EXPECT_EQ(finding.where.line, 3);
  EXPECT_THAT(finding.message, HasSubstr("'total'"));
  EXPECT_THAT(finding.output, HasSubstr("student/counter.cc:3:3: error"));
}

// With <mutex> and <vector> compiled before, by whatever unit.
TEST_F(BuildTest, MissesAnIncludeThoughOthersHaveCompiledTheHeader) {
  const std::string begin = "#include \"counter.h\"\n";
  const std::string rest =
      "static std::vector<int> steps;\n"
      "static std::mutex mutex;\n"
      "void Add(int n) { std::lock_guard<std::mutex> lock(mutex); "
      "steps.push_back(n); }\n"
      "int Total() { return static_cast<int>(steps.size()); }\n";
  request_.student["counter.cc"] =
      "#include <mutex>\n#include <vector>\n" + begin + rest;
  ASSERT_TRUE(MustBuild().modules.has_value());
  request_.student["counter.cc"] = "#include <vector>\n" + begin + rest;
  const verdict::Finding finding = MustFail(request_.student["counter.cc"]);
  EXPECT_EQ(finding.where.line, 4);
  EXPECT_THAT(finding.output, HasSubstr("mutex"));
}

// The files named `name` of all entries of the cache.
std::vector<fs::path> InCache(const fs::path& cache, std::string_view name) {
  std::vector<fs::path> found;
  for (const auto& file : fs::recursive_directory_iterator(cache)) {
    if (file.path().filename() == name) found.push_back(file.path());
  }
  return found;
}

TEST_F(BuildTest, APrecompiledHeaderThatIsCopiedOrSpoiltIsNobodysMistake) {
  const manifest::TestFolder cache;  // of its own, since it is spoilt
  request_.cache = cache.path();
  ASSERT_TRUE(MustBuild().modules.has_value());
  const auto with_other_files = [this] {
    const fs::path scenario = lab_.directory / "scenario.cc";
    std::string text = *ReadFile(scenario);
    text += "// another one\n";
    EXPECT_TRUE(WriteFile(scenario, text).ok());
    request_.student["counter.cc"] += "// another one\n";
    return MustBuild();
  };
  // What `cp -r` does to the times.
  const std::vector<fs::path> headers = InCache(cache.path(), "headers.h");
  ASSERT_THAT(headers, Not(IsEmpty()));
  for (const fs::path& header : headers) {
    fs::last_write_time(header,
                        fs::last_write_time(header) + std::chrono::hours(1));
  }
  EXPECT_TRUE(with_other_files().modules.has_value());
  for (const fs::path& header : InCache(cache.path(), "headers.pch")) {
    fs::resize_file(header, 1000);
  }
  EXPECT_TRUE(with_other_files().modules.has_value());
  EXPECT_TRUE(WriteFile(lab_.directory / "scenario.cc", kScenario).ok());
}

TEST_F(BuildTest, TellsTheWayThroughTheStudentsOwnIncludes) {
  // Wrong use of what a precompiled header declares: the error is in it.
  const verdict::Finding finding = MustFail(
      "#include <mutex>\n#include <vector>\n#include \"counter.h\"\n"
      "static std::vector<int&> wrong;\n"
      "void Add(int) {}\nint Total() { return 0; }\n");
  EXPECT_THAT(finding.output,
              AllOf(HasSubstr("In file included from student/counter.cc:2:"),
                    Not(HasSubstr("headers.h"))));
}

TEST_F(BuildTest, NamesAFunctionThatIsNotWritten) {
  const verdict::Finding finding =
      MustFail("#include \"counter.h\"\nvoid Add(int) {}\n");
  EXPECT_EQ(finding.message, "does not link: undefined symbol: Total()");
}

TEST_F(BuildTest, KeepsTheScenarioFromStudents) {
  for (const char* attempt :
       {"#include \"../scenario.cc\"\n", "#include \"scenario.cc\"\n",
        "#include \"/lab/scenario.cc\"\n",
        "#if !__has_include(\"../scenario.cc\")\n#error none\n#endif\n",
        "asm(\".incbin \\\"scenario.cc\\\"\");\n",
        "asm(\".incbin \\\"/lab/scenario.cc\\\"\");\n"}) {
    const verdict::Finding finding = MustFail(std::string(kCounter) + attempt);
    EXPECT_THAT(finding.output, Not(HasSubstr("the secret"))) << attempt;
  }
}

TEST_F(BuildTest, EndsCompilerBombs) {
  const std::string recursion =
      "template <int N> struct S { static const auto v = S<N - 1>::v + "
      "S<N - 2>::v + S<N - 3>::v; };\n"
      "#define T8(x) x x x x x x x x\n"
      "template <typename... T> struct U { using type = U<U<T..., T...>, "
      "U<int, T..., T...>>; };\n"
      "constexpr unsigned long f(unsigned long n) { unsigned long s = 0; "
      "while (n) { s += n; --n; } return s; }\n"
      "char array[1ul << 40] = {1};\n";
  MustFail(recursion);
  MustFail("#include \"counter.cc\"\n");
  MustFail("#include \"/dev/zero\"\n");
}

// What `work` says in a process where the folder is a disk of that size;
// nothing where this machine lets the process mount none.
std::optional<std::string> OnSmallDisk(
    const fs::path& folder, const std::string& size,
    const std::function<absl::Status()>& work) {
  const manifest::TestFolder elsewhere;
  const fs::path said = elsewhere.path() / "said";
  const uid_t uid = geteuid();
  const gid_t gid = getegid();
  constexpr int kNoMount = 77;
  const pid_t pid = fork();
  if (pid == 0) {
    if (unshare(CLONE_NEWNS | (uid == 0 ? 0 : CLONE_NEWUSER)) != 0) {
      _exit(kNoMount);
    }
    const auto itself = [](uint32_t id) {
      return std::to_string(id) + " " + std::to_string(id) + " 1";
    };
    if (uid != 0 && !(WriteFile("/proc/self/setgroups", "deny").ok() &&
                      WriteFile("/proc/self/gid_map", itself(gid)).ok() &&
                      WriteFile("/proc/self/uid_map", itself(uid)).ok())) {
      _exit(kNoMount);
    }
    if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        mount("tmpfs", folder.c_str(), "tmpfs", 0, ("size=" + size).c_str())) {
      _exit(kNoMount);
    }
    _exit(WriteFile(said, work().ToString()).ok() ? 0 : 1);
  }
  int status = 0;
  waitpid(pid, &status, 0);
  const auto text = ReadFile(said);
  if (!text.ok()) {
    EXPECT_EQ(WIFEXITED(status) ? WEXITSTATUS(status) : -1, kNoMount);
    return std::nullopt;
  }
  return *text;
}
constexpr char kNobodyMounts[] = "this machine lets nobody mount a small disk";

TEST_F(BuildTest, TakesAFullDiskForNoMistakeOfTheStudents) {
  const manifest::TestFolder disk;
  request_.cache = disk.path();
  // There is room for the sources, but not for what is made of them.
  const auto said = OnSmallDisk(disk.path(), "400k",
                                [&] { return Build(request_).status(); });
  if (!said) GTEST_SKIP() << kNobodyMounts;
  EXPECT_THAT(*said, AllOf(HasSubstr("RESOURCE_EXHAUSTED"),
                           HasSubstr("nothing can be compiled")));
  EXPECT_THAT(*OnSmallDisk(disk.path(), "40k",
                           [&] { return Build(request_).status(); }),
              AllOf(HasSubstr("RESOURCE_EXHAUSTED"), HasSubstr("cannot")));
}

TEST_F(BuildTest, NeedsMoreThanTheWordsToTakeADiskForFull) {
  for (const char* words : {"No space left on device", "Disk quota exceeded"}) {
    EXPECT_THAT(MustFail(std::string("#error ") + words + "\n").output,
                HasSubstr(words));
  }
}

TEST_F(BuildTest, WarnsAboutTheStudentsFilesOnly) {
  request_.student["counter.cc"] =
      std::string(kCounter) + "void Unused() { int unused = 1; }\n";
  const BuildOutcome outcome = MustBuild();
  EXPECT_THAT(outcome.warnings,
              AllOf(HasSubstr("student/counter.cc:7"), HasSubstr("unused")));
}

TEST_F(BuildTest, NamesTheHarnessWhenItIsIncomplete) {
  request_.harness = *root_ / "nowhere";
  EXPECT_EQ(Build(request_).status().code(), absl::StatusCode::kNotFound);
}

// A unit and a module, by tools that are scripts.
class ToolTest : public testing::Test {
 protected:
  ToolTest() {
    EXPECT_TRUE(MakeFolder(tools_).ok());
    EXPECT_TRUE(MakeFolder(folder_.path() / "src/student").ok());
    workshop_.toolchain.compiler = Compiler::kGcc12;
    workshop_.include = tools_;
  }

  void Script(const std::string& name, const std::string& text) const {
    EXPECT_TRUE(WriteFile(tools_ / name, "#!/bin/sh\n" + text + "\n").ok());
    fs::permissions(tools_ / name, fs::perms(0755));
  }

  // What becomes of a compiler that runs the script, where the labkit's headers
  // lie.
  absl::StatusOr<ToolResult> MustCompile(const std::string& script) {
    Script("g++-12", script);
    auto cache = Cache::Open(folder_.path() / "cache", 1 << 30);
    EXPECT_TRUE(cache.ok()) << cache.status();
    workshop_.cache = &*cache;
    workshop_.toolchain.path = "/racelab/include/g++-12";
    return Compile(workshop_, folder_.path() / "src",
                   {.file = "student/counter.cc", .student = true});
  }

  // Without the sandbox, which hides the script from linkers.
  absl::StatusOr<ToolResult> MustLink(const std::string& script) {
    Script("g++-12", script);
    auto cache = Cache::Open(folder_.path() / "cache", 1 << 30);
    EXPECT_TRUE(cache.ok()) << cache.status();
    workshop_.cache = &*cache;
    workshop_.no_sandbox = true;
    workshop_.toolchain.linker = tools_ / "g++-12";
    return Link(workshop_, {"student/counter.cc"}, {"no object"});
  }

  const manifest::TestFolder folder_;
  const fs::path tools_ = folder_.path() / "tools";
  Workshop workshop_;
};

TEST_F(ToolTest, KilledFromOutsideIsNobodysMistake) {
  for (const char* signal : {"KILL", "TERM"}) {
    EXPECT_EQ(
        MustCompile(std::string("kill -") + signal + " $$").status(),
        absl::UnavailableError(
            std::string("the compiler was killed from outside: it ended "
                        "by signal ") +
            (signal == std::string("KILL") ? "9" : "15") + " (SIG" + signal +
            "); see whether the machine ran out of memory, and try "
            "again"));
  }
  // A driver tells of its child in words.
  Script("cc1plus", "kill -KILL $$");
  Script("ld.lld", "kill -KILL $$");
  const auto compiled = MustCompile(
      "exec /usr/bin/g++-12 -B/racelab/include/ -c -x c++ /dev/null "
      "-o /tmp/x.o");
  EXPECT_TRUE(absl::IsUnavailable(compiled.status()))
      << (compiled.ok() ? compiled->diagnostics : "");
  const auto linked =
      MustLink("exec /usr/bin/g++-12 -B" + tools_.string() + "/ \"$@\"");
  EXPECT_TRUE(absl::IsUnavailable(linked.status()))
      << (linked.ok() ? linked->diagnostics : "");
}

TEST_F(ToolTest, EndedByItsInputIsTheStudents) {
  const auto crashed = MustCompile("kill -SEGV $$");
  ASSERT_TRUE(crashed.ok()) << crashed.status();
  EXPECT_TRUE(crashed->stopped);
  EXPECT_THAT(crashed->diagnostics,
              HasSubstr("it was killed by signal 11 (SIGSEGV)."));
  Script("cc1plus", "kill -SEGV $$");
  const auto child = MustCompile(
      "exec /usr/bin/g++-12 -B/racelab/include/ -c -x c++ /dev/null "
      "-o /tmp/x.o");
  ASSERT_TRUE(child.ok()) << child.status();
  EXPECT_FALSE(child->ok);
}

TEST_F(ToolTest, FindsAFullDiskOrAQuotaByTrying) {
  for (const std::string words :
       {"No space left on device", "Disk quota exceeded"}) {
    const std::string script = "echo 'as: " + words + "' >&2; exit 1";
    const auto with_room = MustCompile(script);
    ASSERT_TRUE(with_room.ok()) << with_room.status();
    EXPECT_FALSE(with_room->ok);
    const auto full = OnSmallDisk(folder_.path() / "cache", "400k",
                                  [&] { return MustCompile(script).status(); });
    if (!full) GTEST_SKIP() << kNobodyMounts;
    EXPECT_THAT(*full, HasSubstr("RESOURCE_EXHAUSTED"));
  }
}

class EndedFromOutsideTest : public testing::Test {
 protected:
  EndedFromOutsideTest() { run_.code = 1; }

  bool Ended(const std::string& said) {
    run_.err = said;
    return absl::IsUnavailable(
        EndedFromOutside(run_, limits_, "/usr/bin/g++-12"));
  }

  sandbox::RunResult run_;
  const sandbox::Limits limits_;
};

TEST_F(EndedFromOutsideTest, ReadsADriversLastWords) {
  EXPECT_TRUE(
      Ended("student/a.cc:1:1: warning: w\n"
            "g++-12: fatal error: Killed signal terminated program cc1plus\n"
            "compilation terminated.\n"));
  EXPECT_TRUE(
      Ended("g++-12: fatal error: Terminated signal terminated program as\n"
            "compilation terminated.\n"));
  EXPECT_TRUE(
      Ended("collect2: fatal error: ld terminated with signal 9 [Killed]\n"
            "compilation terminated.\n"));
  EXPECT_FALSE(
      Ended("collect2: fatal error: ld terminated with signal 11 "
            "[Segmentation fault]\ncompilation terminated.\n"));
  run_.err =
      "clang++-19: error: unable to execute command: Killed\n"
      "clang++-19: error: linker command failed due to signal (use -v to see "
      "invocation)\n";
  EXPECT_TRUE(absl::IsUnavailable(
      EndedFromOutside(run_, limits_, "/usr/bin/clang++-19")));
  EXPECT_FALSE(Ended(""));
}

// Compilers print a student's strings as they are, and where #line names no
// file, no line of it after them.
TEST_F(EndedFromOutsideTest, TakesNoStudentsWordForIt) {
  const std::string killed =
      "\ng++-12: fatal error: Killed signal terminated program cc1plus\n"
      "compilation terminated.\n";
  EXPECT_TRUE(Ended(killed));
  EXPECT_FALSE(Ended("x:1:1: error: static assertion failed: " + killed));
  EXPECT_FALSE(Ended("x:1: Error: no such instruction: " + killed));
  EXPECT_FALSE(Ended(killed + "    1 | static_assert(false)\n"));
}

TEST_F(EndedFromOutsideTest, TellsTheMachinesLimitFromTheInputs) {
  using End = sandbox::RunResult::End;
  const std::string killed =
      "g++-12: fatal error: Killed signal terminated program cc1plus\n"
      "compilation terminated.\n";
  run_.cpu_seconds = limits_.cpu_seconds;
  EXPECT_FALSE(Ended(killed));
  for (const End end : {End::kCpuLimit, End::kMemoryLimit, End::kOutputLimit}) {
    run_.end = end;
    EXPECT_FALSE(Ended("")) << static_cast<int>(end);
  }
  run_.end = End::kWallLimit;
  run_.cpu_seconds = 1.25;
  EXPECT_THAT(EndedFromOutside(run_, limits_, "g++").message(),
              HasSubstr("not finished after 10 seconds, in which the machine "
                        "gave it 1.2 of cpu time; "));
}

// A process that holds on to something, until the object goes.
class Holder {
 public:
  // Returns when `work` has.
  explicit Holder(const std::function<void()>& work) {
    int ready[2];
    EXPECT_EQ(pipe2(ready, O_CLOEXEC), 0);
    pid_ = fork();
    if (pid_ == 0) {
      work();
      (void)!write(ready[1], "x", 1);
      for (;;) pause();
    }
    close(ready[1]);
    char byte;
    EXPECT_EQ(read(ready[0], &byte, 1), 1);
    close(ready[0]);
  }
  Holder(const Holder&) = delete;
  Holder& operator=(const Holder&) = delete;
  ~Holder() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }

 private:
  pid_t pid_ = -1;
};

class CacheTest : public testing::Test {
 protected:
  // Whether everything can be opened and made.
  bool Put(const std::string& key, uint64_t max_bytes = 1 << 30) const {
    auto cache = Cache::Open(root_, max_bytes);
    if (!cache.ok()) return false;
    auto staged = cache->Stage();
    return staged.ok() && WriteFile(staged->path() / "file", "content").ok() &&
           cache->Commit(key, *std::move(staged)).ok();
  }
  bool Has(const std::string& key) const {
    return fs::exists(root_ / "entries" / key);
  }
  size_t Staged() const {
    return std::distance(fs::directory_iterator(root_ / "making"), {});
  }
  void Age(const fs::path& folder) const {
    for (const auto& entry : fs::directory_iterator(root_ / folder)) {
      fs::last_write_time(entry,
                          fs::last_write_time(entry) - std::chrono::hours(24));
    }
  }

  const manifest::TestFolder folder_;
  const fs::path root_ = folder_.path() / "cache";
};

// However long a laptop slept while it was made.
TEST_F(CacheTest, ClearsAwayWhatDeadProcessesHaveLeft) {
  {
    const Holder holder([this] {
      const auto cache = Cache::Open(root_, 1);
      new absl::StatusOr<Scratch>(cache->Stage());
    });
    Age("making");
    EXPECT_TRUE(Cache::Open(root_, 1).ok());
    EXPECT_EQ(Staged(), 1);
  }
  EXPECT_TRUE(Cache::Open(root_, 1).ok());
  EXPECT_EQ(Staged(), 0);
}

TEST_F(CacheTest, KeepsItsSizeButForWhatLivingProcessesUse) {
  {
    const Holder holder([this] { EXPECT_TRUE(Put("theirs")); });
    EXPECT_TRUE(Put("ours"));
    Cache::Open(root_, 1)->Evict();
    EXPECT_TRUE(Has("theirs"));
    EXPECT_TRUE(Has("ours"));
  }
  Cache::Open(root_, 1)->Evict();
  EXPECT_FALSE(Has("theirs"));
  EXPECT_TRUE(Has("ours"));
  EXPECT_EQ(Staged(), 0);
}

TEST_F(CacheTest, EvictsTheLeastRecentlyUsedFirst) {
  {
    const Holder holder([this] {
      EXPECT_TRUE(Put("old"));
      EXPECT_TRUE(Put("new"));
      Age("entries");
      EXPECT_TRUE(Cache::Open(root_, 1)->Find("new").has_value());
    });
  }
  Cache::Open(root_, 10)->Evict();  // the content of one takes 7 bytes
  EXPECT_FALSE(Has("old"));
  EXPECT_TRUE(Has("new"));
}

// In a process of its own: a cancelled program stays cancelled.
TEST_F(CacheTest, AnInterruptEndsTheWaitForALock) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto program = [this] {
    const auto cache = Cache::Open(root_, 1);
    const auto held = cache->LockFor("key");
    sandbox::CancelAll();
    const absl::Status waited = cache->LockFor("key").status();
    fs::remove_all(folder_.path());  // which nobody else does here
    _exit(held.ok() && absl::IsCancelled(waited) ? 0 : 1);
  };
  EXPECT_EXIT(program(), testing::ExitedWithCode(0), "");
}

TEST_F(CacheTest, TellsAFullDiskApart) {
  ASSERT_TRUE(MakeFolder(root_).ok());
  const auto said = OnSmallDisk(root_, "64k", [this] {
    const auto cache = Cache::Open(root_, 1);
    if (!cache.ok()) return cache.status();
    const auto staged = cache->Stage();
    if (!staged.ok()) return staged.status();
    return WriteFile(staged->path() / "file", std::string(1 << 20, 'x'));
  });
  if (!said) GTEST_SKIP() << kNobodyMounts;
  EXPECT_THAT(
      *said, AllOf(HasSubstr("RESOURCE_EXHAUSTED"), HasSubstr("cannot write")));
}

TEST(ReadFileTest, TakesAnErrorForNoEnd) {
  // A regular file of 4096 bytes, which can be opened, but not read.
  const char* file = "/sys/class/net/lo/speed";
  if (access(file, R_OK) != 0) GTEST_SKIP() << "no file here fails to be read";
  EXPECT_THAT(ReadFile(file).status().message(), HasSubstr("cannot read"));
}

TEST(Sha256Test, TellsFieldsApart) {
  // The field's length comes first: eight bytes, little-endian.
  EXPECT_EQ(Sha256().Hex(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_NE(Sha256().Add("ab").Add("c").Hex(),
            Sha256().Add("a").Add("bc").Hex());
  EXPECT_EQ(Sha256().Add(std::string(200, 'x')).Hex(),
            Sha256().Add(std::string(200, 'x')).Hex());
}

}  // namespace
}  // namespace racelab::build
