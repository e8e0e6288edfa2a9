#include "build/directives.h"

#include <string>
#include <vector>

#include "build/source_text.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace racelab::build {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kScenario[] =
    "#include \"counter.h\"\n"
    "TEST(Counter, Adds) { Add(kSteps); EXPECT_EQ(Total(), 2); }\n";

std::vector<verdict::Finding> Inspect(
    const std::string& text, const std::string& file = "student/counter.h") {
  return InspectDirectives(file, text, kScenario);
}

TEST(Directives, AreReadAsTheCompilerReadsThem) {
  const auto directives = ReadDirectives(
      "#define A 1\n  # /* x */ define B \\\n 2\n%:undef C\n"
      "// #define D\n/*\n#define E\n*/ int x; const char* s = \"#define F\";\n"
      "#/**/define G // comment\n#de\\\nfine H");
  std::vector<std::string> names;
  for (const Directive& d : directives) names.push_back(d.rest.substr(0, 1));
  EXPECT_THAT(names, ElementsAre("A", "B", "C", "G", "H"));
  EXPECT_EQ(directives[3].line, 9);
}

TEST(Directives, OrdinaryHeadersPass) {
  EXPECT_THAT(Inspect("#ifndef COUNTER_H_\n#define COUNTER_H_\n"
                      "#define BUFFER_SIZE 16\n#define kSteps 4\n"
                      "#pragma once\n#include <mutex>\n"
                      "void Add(int n);  // calls Total\n#endif\n"),
              IsEmpty());
}

TEST(Directives, AHeaderMustNotRewriteTheScenario) {
  for (const char* text :
       {"#define EXPECT_EQ(a, b) (void)0\n", "#undef EXPECT_EQ\n",
        "#  define TEST(a, b) static void a##b()\n", "%:define int long\n",
        "#define Total() 2\n", "#define if(x) while (x)\n",
        "#def\\\nine CONCURRENT_TEST(a, b) void a##b()\n",
        "#define Counter Other\n", "#define __tsan_read4 x\n",
        // what the tests' macros expand to
        "#define EqHelper Mine\n", "#define TestBody() Other()\n",
        "#define Counter_Adds_RacelabBody() Unused()\n",
        "#define override\n"}) {
    EXPECT_THAT(Inspect(text), SizeIs(1)) << text;
  }
  EXPECT_THAT(Inspect("#define Total() 2\n", "student/counter.cc"), IsEmpty());
  EXPECT_THAT(Inspect("#define EXPECT_EQ(a, b)\n", "student/tricks.inc"),
              SizeIs(1));
}

TEST(Directives, AHeaderMustNotAddToWhatTheScenarioCalls) {
  for (const char* text :
       {"namespace labkit {\ntemplate <class F> void RunTogether(F f);\n}\n",
        "namespace /* */ testing { struct Mine {}; }\n",
        "using namespace testing;\n", "namespace t = testing;\n",
        "#define T testing\n", "int racelab_engine();\n",
        "namespace std { inline bool operator==(const A&, const B&); }\n",
        "namespace std {\ntemplate <class T> void f(T);\n}\n",
        "#define S std\nnamespace S { void f(); }\n",
        "template <> inline constexpr bool std::is_same_v<A, int> = true;\n",
        "namespace std {\ntemplate <> struct is_same<A, int> {};\n}\n",
        "#define J(a) lab##a\nnamespace x { int kit; }\n",
        "#define J(a, b) a##b\nnamespace J(x, y) {}\n",
        "__attribute__((nodebug)) inline int Total() { return 2; }\n"}) {
    EXPECT_THAT(Inspect(text), SizeIs(1)) << text;
  }
  EXPECT_THAT(
      Inspect(
          "#define CONCAT(a, b) a##b\n"
          "#define LOCK(m) std::scoped_lock CONCAT(lock_, __LINE__)(m)\n"
          "namespace bank { class Bank { bool testing = false; }; }\n"
          "// namespace testing {\nconst char* s = \"namespace labkit {\";\n"
          "#define MODE \"testing\"\n"
          "namespace std {\nclass mutex;\n#if 1\ntemplate <>\n"
          "struct hash<bank::Bank> {\n  int operator()(int) const;\n};\n"
          "#endif\ntemplate <typename T>\nstruct hash<List<T>> { int f(); };\n"
          "template <>\nvoid swap(bank::Bank&, bank::Bank&);\n}\n"),
      IsEmpty());
  // What a source does to itself is its own business; the linker's names are
  // inspect.h's.
  EXPECT_THAT(Inspect("namespace testing { int x; }\n", "student/a.cc"),
              IsEmpty());
}

// Whatever is left to be read, nothing behind the end is read.
TEST(Directives, AFileMayEndAnywhere) {
  const std::string all =
      "#define J(a) x %:%: a\nnamespace std {\ntemplate <typename T, int = "
      "1'0>\n"
      "template <>\nstruct hash<List<T>> { const char* s = \"a\\\"\"; };\n}\n"
      "namespace t = testing;\ntemplate <> inline bool std::is_same_v<A, B>;\n";
  for (size_t size = 0; size <= all.size(); ++size) {
    const auto findings = Inspect(all.substr(0, size));
    EXPECT_LE(findings.size(), 6u) << all.substr(0, size);
  }
}

TEST(Directives, NobodyAsksWhoWillRunTheCode) {
  for (const char* text : {"#ifdef RACELAB_INSTRUMENTED\n#endif\n",
                           "#if defined(__SANITIZE_THREAD__)\n#endif\n",
                           "#if __has_feature(thread_sanitizer)\n#endif\n"}) {
    EXPECT_THAT(Inspect(text, "student/counter.cc"), SizeIs(1)) << text;
  }
}

TEST(Directives, NobodyLiesAboutPlaces) {
  for (const char* text :
       {"\n#line 1 \"/usr/include/x.h\"\n", "\n# 12 \"scenario.cc\"\n"}) {
    const auto findings = Inspect(text, "student/counter.cc");
    ASSERT_THAT(findings, SizeIs(1));
    EXPECT_EQ(findings[0].where.line, 2);
    EXPECT_THAT(findings[0].message, HasSubstr("another place"));
  }
}

}  // namespace
}  // namespace racelab::build
