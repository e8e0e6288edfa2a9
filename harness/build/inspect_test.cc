#include "build/inspect.h"

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "build/cache.h"
#include "build/capabilities.h"
#include "build/compile.h"
#include "build/ir.h"
#include "build/linkage_names.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "manifest/test_folder.h"

namespace racelab::build {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A file of testdata, compiled as a student's.
class InspectTest : public testing::TestWithParam<Variant> {
 protected:
  InspectTest() {
    auto cache = Cache::Open(root_ / "cache", 1 << 30);
    EXPECT_TRUE(cache.ok()) << cache.status();
    cache_.emplace(*std::move(cache));
    auto toolchain = FindToolchain(Compiler::kClang19);
    EXPECT_TRUE(toolchain.ok()) << toolchain.status();
    workshop_.toolchain = *std::move(toolchain);
    workshop_.include = root_ / "include";
    workshop_.cache = &*cache_;
    const fs::path weak_exchange = "labkit/weak_exchange.h";
    const auto header =
        ReadFile(fs::current_path() / "harness" / weak_exchange);
    EXPECT_TRUE(header.ok()) << header.status();
    EXPECT_TRUE(MakeFolder(workshop_.include / "labkit").ok());
    EXPECT_TRUE(WriteFile(workshop_.include / weak_exchange, *header).ok());
  }

  // Findings by line, for a lab that allows what `may_use` says.
  std::multimap<int, std::string> Findings(
      const std::string& source, const std::vector<std::string>& may_use) {
    EXPECT_TRUE(MakeFolder(root_ / "src/student").ok());
    EXPECT_TRUE(WriteFile(root_ / "src/student/x.cc", source).ok());
    const auto compiled = Compile(
        workshop_, root_ / "src",
        {.file = "student/x.cc", .student = true, .variant = GetParam()});
    EXPECT_TRUE(compiled.ok() && compiled->ok)
        << compiled.status() << compiled->diagnostics;
    Inspection inspection;
    inspection.ir = compiled->ir;
    inspection.file = "student/x.cc";
    inspection.instrumented = GetParam() == Variant::kInstrumented;
    inspection.may_use = may_use;
    std::multimap<int, std::string> findings;
    for (const auto& finding : Inspect(inspection)) {
      EXPECT_EQ(finding.kind, verdict::FailureKind::kForbiddenConstruct);
      EXPECT_EQ(finding.where.file, "student/x.cc");
      findings.emplace(finding.where.line, finding.message);
    }
    return findings;
  }

  static std::string Testdata(const char* name) {
    auto text = ReadFile(fs::current_path() / "harness/build/testdata" / name);
    EXPECT_TRUE(text.ok()) << text.status();
    return *text;
  }

  // Holds the findings against the marks in the file: every line with
  // "// want: TEXT" has one with TEXT, no other line has any. "want
  // instrumented:" counts in that variant; "want everywhere:" is about a
  // finding without a line.
  void Compare(const std::string& source,
               const std::multimap<int, std::string>& findings) {
    std::set<int> marked = {0};
    int number = 0;
    for (const auto piece : absl::StrSplit(source, '\n')) {
      ++number;
      const std::string line(piece);
      const size_t at = line.find("// want");
      if (at == std::string::npos) continue;
      const size_t colon = line.find(": ", at);
      const std::string text = line.substr(colon + 2);
      const std::string when = line.substr(at + 7, colon - at - 7);
      const bool everywhere = when == " everywhere" || text == "hides fake";
      if (absl::StrContains(when, "instrumented") &&
          GetParam() != Variant::kInstrumented) {
        continue;
      }
      const int wanted = everywhere ? 0 : number;
      marked.insert(wanted);
      bool found = false;
      for (auto [it, end] = findings.equal_range(wanted); it != end; ++it) {
        found |= absl::StrContains(it->second, text);
      }
      EXPECT_TRUE(found) << "line " << number << ": missed " << text;
    }
    for (const auto& [line, message] : findings) {
      EXPECT_TRUE(marked.contains(line)) << "too much: " << message;
    }
  }

  const manifest::TestFolder folder_;
  const fs::path root_ = folder_.path();
  std::optional<Cache> cache_;
  Workshop workshop_;
};

TEST_P(InspectTest, AcceptsOrdinaryCode) {
  for (const auto& [line, message] :
       Findings(Testdata("honest.cc"), {"nothing"})) {
    ADD_FAILURE() << message;
  }
}

TEST_P(InspectTest, FindsWhatHides) {
  const std::string source = Testdata("hiding.cc");
  Compare(source, Findings(source, {}));
}

TEST_P(InspectTest, FindsEachCapability) {
  const std::string source = Testdata("capabilities.cc");
  Compare(source, Findings(source, {"nothing"}));
}

TEST_P(InspectTest, AcceptsEachCapabilityThatIsAllowed) {
  EXPECT_THAT(Findings(Testdata("capabilities.cc"), CapabilityGroups()),
              IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Variants, InspectTest,
                         testing::Values(Variant::kInstrumented,
                                         Variant::kNative),
                         [](const auto& info) {
                           return std::string(Name(info.param));
                         });

TEST(Capabilities, KnowTheirGroups) {
  EXPECT_TRUE(CheckGroups({"mutex", "semaphore"}).ok());
  EXPECT_THAT(CheckGroups({"mutex", "mutexes"}).message(),
              HasSubstr("unknown group \"mutexes\""));
}

TEST(Capabilities, KnowWhatElseReadsAndWritesFiles) {
  for (const char* name :
       {"dprintf", "vdprintf", "__dprintf_chk", "sendfile", "sendfile64",
        "splice", "vmsplice", "tee", "copy_file_range", "eventfd_write",
        "eventfd_read"}) {
    const Meaning meaning = MeaningOf(name);
    EXPECT_EQ(meaning.kind, Meaning::Kind::kGroup) << name;
    EXPECT_EQ(meaning.groups, MeaningOf("write").groups) << name;
  }
}

TEST(Capabilities, AreShownAsPeopleWriteThem) {
  EXPECT_EQ(Readable("_ZNSt5mutex4lockEv"), "std::mutex::lock");
  EXPECT_EQ(Readable("_ZNSt13__atomic_baseIiEppEi"), "std::atomic::operator++");
  EXPECT_EQ(Readable("_ZNKSt13__atomic_baseIiEcviEv"),
            "std::atomic::operator int");
  EXPECT_EQ(Readable("pthread_mutex_lock"), "pthread_mutex_lock");
}

TEST(IrModule, ReadsNamesThatLookLikeSyntax) {
  const IrModule module = IrModule::Parse(
      "@\"a \\22@b\\22 external\" = internal global i32 0\n"
      "define void @\"f(@g) #7 {\"() #0 {\n"
      "  call void @\"}\"()\n"
      "  ret void\n"
      "}\n"
      "declare void @\"}\"()\n"
      "attributes #0 = { sanitize_thread \"x\"=\" sanitize_thread \" }\n"
      "attributes #7 = { nounwind }\n");
  ASSERT_EQ(module.functions().size(), 1);
  EXPECT_EQ(module.functions()[0].name, "f(@g) #7 {");
  EXPECT_TRUE(module.functions()[0].sanitized);
  EXPECT_THAT(module.declared(), testing::ElementsAre("}"));
  EXPECT_EQ(module.globals()[0].name, "a \"@b\" external");
}

TEST(IrModule, IsNotFooledByAttributeStrings) {
  const IrModule module = IrModule::Parse(
      "define void @f() #0 {\n}\n"
      "attributes #0 = { \"note\"=\" sanitize_thread \" }\n");
  EXPECT_FALSE(module.functions()[0].sanitized);
}

}  // namespace
}  // namespace racelab::build
