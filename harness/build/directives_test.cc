#include "build/directives.h"

#include <stdio.h>

#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "build/source_text.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "manifest/test_folder.h"

namespace racelab::build {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kScenario[] =
    "#include \"counter.h\"\n"
    "TEST(Counter, Adds) { Add(kSteps); EXPECT_EQ(Total(), 2); }\n";

std::vector<verdict::Finding> Inspect(
    const std::string& text, const std::string& file = "student/counter.h") {
  return InspectDirectives({{file, text}}, kScenario);
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

// Files, and whether FOO is still defined behind them.
struct Sample {
  std::string_view text;
  bool undefines;
};

// What all compilers read in the same way.
constexpr Sample kSamples[] = {
    // raw strings
    {"auto a = R\"(\n/*\n)\";\n#undef FOO\n// */\n", true},
    {"auto a = R\"(\n#undef FOO\n)\";\n", false},
    {"auto a = u8R\"x(\n)\"\n#undef FOO\n)x\";\n", false},
    {"auto a = LR\"(/*)\" UR\"(')\" uR\"(\")\";\n#undef FOO\n", true},
    {"auto a = R\"(\\)\";\n#undef FOO\n//)\"\n", true},
    {"auto a = R\"(\\\n)\";\n#undef FOO\n//)\"\n", true},
    {"auto a = R\\\n\"(\n/*\n)\";\n#undef FOO\n// */\n", true},
    {"auto a = R\"\"( /* \" )\"\";\n#undef FOO\n//*/\n", true},
    {"auto a = R\"(\n)\" /*\n*/ #undef FOO\n;\n", false},
    {"auto a = xR\"(\";\n#undef FOO\n//)\"\n", true},
    {"auto a = \xc3\xa9R\"( /* \";\n#undef FOO\n// */ )\"\n", true},
    {"#if 0\nR\"(\n#endif\n#undef FOO\n#if 0\n)\"\n#endif\n", false},
    // other literals, with and without prefixes
    {"auto a = L'\"'; /*\"\n*/\n#undef FOO\n", true},
    {"auto a = u8'a' + U'/' + u'*';\n#undef FOO\n", true},
    {"auto a = L'\"' + 'a'; /*\n#undef FOO\n// \"*/\n", false},
    {"auto a = u8\"'\"; /* '\n#undef FOO\n*/\n", false},
    {"auto a = \"\\\"/*\";\n#undef FOO\n//*/\n", true},
    {"#if 0\ndon't /*\n#endif\n#undef FOO\n//*/\n", true},
    // digit separators
    {"auto a = 1'000'000; /* '\n#undef FOO\n*/\n", false},
    {"auto a = 0xa'b + 'c'; /*\n#undef FOO\n*/\n", false},
    {"#define X 1.'a /* '\n#undef FOO\n// */\n", false},
    {"#define X .'a /* '\n#undef FOO\n// */\n", true},
    {"#define X a'b /* '\n#undef FOO\n// */\n", true},
    {"#define X 1+'b /* '\n#undef FOO\n// */\n", true},
    // lines
    {"#un\\\ndef FOO\n", true},
    {"#un\\ \t\ndef FOO\n", true},
    {"#un\\\v\f\ndef FOO\n", true},
    {"#un\\\r\ndef FOO\r\n", true},
    {"// \\\n#undef FOO\n", false},
    {"// \\ \n#undef FOO\n", false},
    {"/* *\\\n/\n#undef FOO\n/* */\n", true},
    {"\xef\xbb\xbf#undef FOO\n", true},
    {"\v\f#\vundef FOO", true},
    {"%\\\n:undef FOO\n", true},
    {"int x; /*\n*/ #undef FOO\n", false},
    {"/*\n*/ #undef FOO\n", true},
    // no trigraphs
    {"// ?\?/\n#undef FOO\n", true},
    {"?\?=undef FOO\n", false},
};

bool Undefines(std::string_view text) {
  for (const Directive& directive : ReadDirectives(text)) {
    if (directive.name == "undef" && Word(directive.rest) == "FOO") return true;
  }
  return false;
}

TEST(Directives, AreReadThroughStringsAndSplicesAndComments) {
  for (const Sample& sample : kSamples) {
    EXPECT_EQ(Undefines(sample.text), sample.undefines) << sample.text;
  }
  // clang's blanks; gcc refuses them
  EXPECT_TRUE(Undefines("\xc2\xa0#\xe2\x80\x8aundef FOO\n"));
}

// The samples say what the compilers really do.
TEST(Directives, AreReadSoByTheCompilers) {
  const manifest::TestFolder folder;
  std::string all;
  int number = 0;
  for (const Sample& sample : kSamples) {
    const std::string name = absl::StrCat("sample", ++number, ".h");
    folder.Write(name, std::string(sample.text));
    absl::StrAppend(&all, "#define FOO\n#include \"", name,
                    "\"\n#ifdef FOO\nkept_", number, "_\n#undef FOO\n#endif\n");
  }
  folder.Write("all.cc", all);
  for (const char* compiler : {"clang++-19", "g++-12"}) {
    FILE* pipe = popen(absl::StrCat(compiler, " -std=c++20 -w -E ",
                                    (folder.path() / "all.cc").string())
                           .c_str(),
                       "r");
    ASSERT_NE(pipe, nullptr);
    std::string seen;
    for (int c; (c = fgetc(pipe)) != EOF;) seen += static_cast<char>(c);
    pclose(pipe);
    number = 0;
    for (const Sample& sample : kSamples) {
      const std::string kept = absl::StrCat("kept_", ++number, "_");
      EXPECT_EQ(!absl::StrContains(seen, kept), sample.undefines)
          << compiler << ": " << sample.text;
    }
  }
}

TEST(Directives, StandOnTheirLines) {
  const auto directives = ReadDirectives(
      "auto a = R\"(\n\\\n)\";\r\n#define A 1\n/*\n\n*/ #undef \\\n A\n"
      "#define B \\\n  2\n#undef B");
  std::vector<int> lines;
  for (const Directive& d : directives) lines.push_back(d.line);
  EXPECT_THAT(lines, ElementsAre(4, 7, 9, 11));
  std::vector<int> tokens;
  for (const Token& token : Tokens("R\"(\n)\"\n1'0 \\\n'a'\nb")) {
    tokens.push_back(token.line);
  }
  EXPECT_THAT(tokens, ElementsAre(1, 3, 4, 5));
}

TEST(Directives, AFileThatCompilersReadInTwoWaysIsRefused) {
  struct Case {
    std::string_view text;
    int line;
    const char* what;
  };
  constexpr char kByte0[] = "#\0undef FOO\n";
  for (const Case& c : {
           // one compiler's new line, and the other's blank
           Case{"int x;\n// x\r#undef FOO\n", 2, "carriage return"},
           Case{"int x;\n\r\nint y;\r\r\n", 3, "carriage return"},
           Case{std::string_view(kByte0, sizeof kByte0 - 1), 1, "byte 0"},
           // the text of a message, or a comment
           Case{"\n#warning /*\n#undef FOO\n// */\n", 2, "comment"},
           Case{"#pragma mark /*\n#undef FOO\n// */\n", 1, "comment"},
           // the name of a file, or a comment
           Case{"#if __has_include(<x/*>)\n#endif\n#undef FOO\n// */\n", 1,
                "comment"},
           Case{"#include <x//> /*\n#undef FOO\n// */\n", 1, "comment"},
           Case{"#define HI __has_include\n#if HI(<x'>) /* '\n"
                "R\"( */\n#undef FOO\n//)\"\n#endif\n",
                2, "comment"},
           Case{"#define HI __has_include\n#if HI(<x'>) R\"( '\n#endif\n", 2,
                "raw string"},
           // gcc ends it at the end of the line
           Case{"#define N R\"(\n#undef FOO\n)\"\n", 1, "raw string"},
           Case{"#if 0\nR\"very_long_delimiter(\n#endif\n)\"\n", 2,
                "raw string"},
           Case{"#if 0\nR\"(\n#endif\n", 2, "raw string"},
           Case{"#if 0\nR\"@(\n#endif\n)@\"\n", 2, "raw string"},
           // a suffix, or a raw string
           Case{"auto a = \"x\"R\"( /* )\";\n", 1, "behind another"},
           // a digit separator, or a literal
           Case{"#if 0\n1'''a /* '\n#endif\n", 2, "behind a number"},
           Case{"#define X 1p+'a /* '\n", 1, "behind a number"},
           // a letter, or a sign
           Case{"auto a = 1$'a /* ';\n", 1, "$"},
           Case{"auto a = \\u{e9}R\"( /* \";\n", 1, "\\"},
       }) {
    const auto findings = Inspect(std::string(c.text), "student/counter.cc");
    if (findings.empty()) {
      ADD_FAILURE() << c.text;
      continue;
    }
    EXPECT_EQ(findings[0].where.line, c.line) << c.text;
    EXPECT_THAT(findings[0].message, HasSubstr(c.what)) << c.text;
  }
  EXPECT_THAT(
      Inspect("\xef\xbb\xbf#include <mutex>  // see /usr/include/*.h\r\n"
              "#include <x.h>  /* one */  /* two */\r\n"
              "#define BODY(x) /* more than\r\none line */ (x)\r\n"
              "#if BODY(1)\r\n#endif  //* of the condition\r\n"
              "#error \"NO SEMAPHOR\" /* here */\r\n"
              "auto a = R\"sql(\r\n/* \\u{e9} $ \r\n)sql\" \"\\\\n$\"_s;\r\n"
              "auto b = 1'000 + 'a' + L'\\'' + 0x1p-3 + '\\0';\r\n",
              "student/counter.cc"),
      IsEmpty());
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

TEST(Directives, NoSpellingHidesWhatAHeaderAdds) {
  for (const char* text :
       {"inline const char kNote[] = R\"(\n/*\n)\";\n#undef EXPECT_EQ\n"
        "#define EXPECT_EQ_(a, b) if (true) {} else std::cerr\n// */\n",
        "namespace std <% inline bool operator==(const A&, const B&); %>\n",
        "namespace std __attribute__((visibility(\"default\"))) { void f(); "
        "}\n",
        "namespace [[deprecated]] std { void f(); }\n",
        "namespace std::chrono { void f(); }\n",
        "namespace [[deprecated]] testing { void f(); }\n",
        "#define N namespace\n", "namespace _GLIBCXX_STD_C { void f(); }\n",
        "namespace __CONCAT(test, ing) { void f(); }\n",
        "_GLIBCXX_BEGIN_INLINE_ABI_NAMESPACE(testing) void f(); }\n",
        "namespace std {\nclass mutex\n#define A }\n;\nvoid f();\n}\n",
        "namespace std {\n#define A \\\n}\nvoid f();\n}\n",
        "using namespace\n#define A\ntesting;\n",
        "int x = testing\n#undef A\n::y;\n",
        "#pragma push_macro(\"EXPECT_EQ\")\n",
        "_Pragma(\"pop_macro(\\\"EXPECT_EQ\\\")\")\n"}) {
    EXPECT_THAT(Inspect(text), SizeIs(testing::Ge(1))) << text;
  }
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
                           "#if __has_feature(thread_sanitizer)\n#endif\n",
                           "#if __has_feature(__thread_sanitizer__)\n#endif\n",
                           // labkit/weak_exchange.h makes macros of them
                           "#ifdef __atomic_compare_exchange_n\n#endif\n",
                           "#define WHO defined(__atomic_compare_exchange)\n",
                           "#ifndef LABKIT_WEAK_EXCHANGE_H_\n#endif\n",
                           "using labkit::internal::Word;\n"}) {
    EXPECT_THAT(Inspect(text, "student/counter.cc"), SizeIs(1)) << text;
  }
  EXPECT_THAT(
      Inspect("#if defined(__cplusplus) && __has_include(<latch>)\n"
              "bool f(int* a, int* b) {\n"
              "  return __atomic_compare_exchange_n(a, b, 1, true, 5, 5);\n"
              "}\n#endif\n",
              "student/counter.cc"),
      IsEmpty());
}

TEST(Directives, NobodyAsksByPasting) {
  for (const char* text :
       {"#define CAT_(a, b) a##b\n#define CAT(a, b) CAT_(a, b)\n"
        "#if CAT(RACELAB_INSTRU, MENTED)\n#endif\n",
        // through a macro, in code, in other pieces
        "#define CAT(a, b) a##b\n#define WHO CAT(RACELAB_INSTRU, MENTED)\n",
        "#define Q(a) RACELAB_##a##ED\nint x = Q(INSTRUMENT);\n",
        "#define Q(a) __SAN##a\nint x = Q(ITIZE_THREAD__);\n",
        "#define HAS(a) __has_feature(a##sanitizer)\n#if HAS(thread_)\n",
        // with a system header's macros
        "int x = __CONCAT(RACELAB_INSTRU, MENTED);\n",
        "int x = __CONCAT(INT64_C(RACE), AB_INSTRUMENTED);\n"}) {
    const auto findings = Inspect(text, "student/counter.cc");
    EXPECT_THAT(findings, SizeIs(1)) << text;
    for (const auto& finding : findings) {
      EXPECT_THAT(finding.message,
                  AllOf(HasSubstr("together"), HasSubstr("all engines judge")));
    }
  }
  // What people call things.
  EXPECT_THAT(
      Inspect("#define LOCK(a, b) a##b\nstd::thread thread_, t;\n"
              "template <class T, class U, class A, class N> int f(T e, "
              "int s, int i, int n, int a, char* it);\n",
              "student/counter.cc"),
      IsEmpty());
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
