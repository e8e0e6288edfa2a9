#include "build/build.h"

#include <sys/mount.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "build/cache.h"
#include "build/sha256.h"
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

TEST_F(BuildTest, TakesAFullDiskForNoMistakeOfTheStudents) {
  const manifest::TestFolder disk;
  const std::string path = disk.path().string();
  // Only root mounts a small disk.
  if (mount("tmpfs", path.c_str(), "tmpfs", 0, "size=200k") == 0) {
    request_.cache = disk.path();
    EXPECT_EQ(Build(request_).status().code(),
              absl::StatusCode::kResourceExhausted);
    umount(path.c_str());
  }
  // It takes more than the words.
  request_.cache = fs::path(RACELAB_TEST_STATE) / "cache/modules";
  EXPECT_THAT(MustFail("#error No space left on device\n").output,
              HasSubstr("No space left"));
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
