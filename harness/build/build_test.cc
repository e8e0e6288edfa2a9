#include "build/build.h"

#include <unistd.h>

#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "build/cache.h"
#include "build/testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "manifest/test_folder.h"

namespace racelab::build {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

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

TEST_F(BuildTest, TakesAFullDiskForNoMistakeOfTheStudents) {
  const manifest::TestFolder disk;
  request_.cache = disk.path();
  // There is room for the sources, but not for what is made of them.
  EXPECT_THAT(OnSmallDisk(disk.path(), "400k",
                          [&] { return Build(request_).status(); }),
              AllOf(HasSubstr("RESOURCE_EXHAUSTED"),
                    HasSubstr("nothing can be compiled")));
  EXPECT_THAT(
      OnSmallDisk(disk.path(), "40k", [&] { return Build(request_).status(); }),
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

// The student's own unit has nothing of it.
TEST_F(BuildTest, ReadsWhatOnlyTheScenarioUsesOfAHeader) {
  request_.student["counter.h"] =
      "void Add(int n);\nint Total();\n"
      "__attribute__((no_sanitize(\"thread\"))) inline void Twice(int* n) {\n"
      "  *n *= 2;\n}\n"
      "inline void Fence() { asm volatile(\"mfence\"); }\n";
  ASSERT_TRUE(WriteFile(lab_.directory / "scenario.cc",
                        "#include \"counter.h\"\n"
                        "#include \"labkit/labkit.h\"\n"
                        "int value = 1;\n"
                        "TEST(Counter, Adds) { Twice(&value); Fence(); }\n")
                  .ok());
  for (const Compiler compiler : {Compiler::kClang19, Compiler::kGcc12}) {
    request_.compiler = compiler;
    std::vector<std::string> messages;
    for (const auto& finding : MustBuild().findings) {
      messages.push_back(finding.message);
    }
    EXPECT_THAT(messages, testing::IsSupersetOf(
                              {HasSubstr("counter.h:3 hides Twice"),
                               HasSubstr("counter.h:6 contains inline")}))
        << Name(compiler);
  }
}

// With a cache of its own, which it may damage, and a call that is forbidden.
class DamagedCacheTest : public BuildTest {
 protected:
  DamagedCacheTest() {
    request_.cache = *root_ / "cache";
    request_.student = {
        {"counter.cc",
         "#include \"counter.h\"\n#include <stdlib.h>\nstatic int total = 0;\n"
         "void Add(int n) { total += n; if (n < 0) exit(0); }\n"
         "int Total() { return total; }\n"}};
  }

  BuildOutcome MustFindExit() {
    BuildOutcome outcome = MustBuild();
    EXPECT_TRUE(outcome.modules.has_value());
    EXPECT_THAT(outcome.findings, SizeIs(1));
    for (const auto& finding : outcome.findings) {
      EXPECT_THAT(finding.message, HasSubstr("counter.cc:4 uses exit"));
    }
    return outcome;
  }

  std::vector<fs::path> Entries(const char* prefix) const {
    std::vector<fs::path> entries;
    std::error_code none;  // before the first build
    for (const auto& it :
         fs::directory_iterator(request_.cache / "entries", none)) {
      if (absl::StartsWith(it.path().filename().string(), prefix)) {
        entries.push_back(it.path());
      }
    }
    return entries;
  }

  static void Damage(const fs::path& file, bool remove) {
    ASSERT_TRUE(fs::exists(file)) << file;
    if (remove) {
      fs::remove(file);
    } else {
      fs::resize_file(file, 0);
    }
  }
};

TEST_F(DamagedCacheTest, BuildsADamagedModuleAgain) {
  struct Case {
    Compiler compiler;
    const char* name;
    bool remove;
  };
  for (const Case& c : {
           Case{Compiler::kClang19, "instrumented.so", false},
           Case{Compiler::kClang19, "native.so", true},
           Case{Compiler::kClang19, "ir/instrumented/student/counter.cc",
                false},
           Case{Compiler::kClang19, "ir/instrumented/scenario.cc", true},
           Case{Compiler::kClang19, "ir/native/student/counter.cc", true},
           Case{Compiler::kGcc12, "ir/instrumented/student/counter.cc", true},
           Case{Compiler::kGcc12, "ir/native/scenario.cc", false},
       }) {
    request_.compiler = c.compiler;
    const fs::path entry = MustFindExit().modules->instrumented.parent_path();
    Damage(entry / c.name, c.remove);
    EXPECT_FALSE(MustFindExit().from_cache) << c.name;
    EXPECT_TRUE(fs::exists(entry / c.name) && fs::file_size(entry / c.name) > 0)
        << c.name;
    EXPECT_TRUE(MustFindExit().from_cache) << c.name;
  }
  // Also where the answer from the cache is not wanted.
  const fs::path module = MustFindExit().modules->instrumented;
  Damage(module, false);
  request_.fresh = true;
  EXPECT_FALSE(MustFindExit().from_cache);
  EXPECT_GT(fs::file_size(module), 0u);
}

TEST_F(DamagedCacheTest, CompilesDamagedUnitsAgain) {
  // gcc takes long, and leaves no IR but what is only read.
  const std::vector<const char*> all = {"unit.o", "unit.ll", "diagnostics.txt"};
  for (const Compiler compiler : {Compiler::kClang19, Compiler::kGcc12}) {
    request_.compiler = compiler;
    for (const fs::path& unit : Entries("unit-")) fs::remove_all(unit);
    for (const char* name :
         compiler == Compiler::kClang19 ? all : std::vector{"unit.ll"}) {
      for (const fs::path& module : Entries("module-")) fs::remove_all(module);
      MustFindExit();
      for (const fs::path& module : Entries("module-")) fs::remove_all(module);
      ASSERT_THAT(Entries("unit-"), Not(IsEmpty()));
      for (const fs::path& unit : Entries("unit-")) {
        Damage(unit / name, name == std::string("diagnostics.txt"));
      }
      EXPECT_FALSE(MustFindExit().from_cache) << name;
      for (const fs::path& unit : Entries("unit-")) {
        EXPECT_GT(fs::file_size(unit / "unit.o"), 0u) << name;
        EXPECT_TRUE(fs::exists(unit / "diagnostics.txt"));
      }
    }
  }
}

}  // namespace
}  // namespace racelab::build
