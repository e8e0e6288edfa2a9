#include "build/directives.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"
#include "build/source_text.h"
#include "build/token_rules.h"

namespace racelab::build {
namespace {

bool IsLower(char c) { return c >= 'a' && c <= 'z'; }

constexpr std::string_view kTestNames[] = {
    "EXPECT_",     "ASSERT_", "TEST",    "CONCURRENT_TEST", "REACHED",
    "ADD_FAILURE", "FAIL",    "SUCCEED", "GTEST_",          "SCOPED_TRACE",
    "RUN_ALL",     "testing", "labkit",  "racelab_",        "__"};

constexpr std::string_view kKeywords[] = {"alignas",
                                          "alignof",
                                          "and",
                                          "asm",
                                          "auto",
                                          "bool",
                                          "break",
                                          "case",
                                          "catch",
                                          "char",
                                          "class",
                                          "co_await",
                                          "co_return",
                                          "co_yield",
                                          "concept",
                                          "const",
                                          "const_cast",
                                          "consteval",
                                          "constexpr",
                                          "constinit",
                                          "continue",
                                          "decltype",
                                          "default",
                                          "delete",
                                          "do",
                                          "double",
                                          "dynamic_cast",
                                          "else",
                                          "enum",
                                          "explicit",
                                          "export",
                                          "extern",
                                          "false",
                                          "final",
                                          "float",
                                          "for",
                                          "friend",
                                          "goto",
                                          "if",
                                          "inline",
                                          "int",
                                          "long",
                                          "mutable",
                                          "namespace",
                                          "new",
                                          "noexcept",
                                          "not",
                                          "nullptr",
                                          "operator",
                                          "or",
                                          "override",
                                          "private",
                                          "protected",
                                          "public",
                                          "reinterpret_cast",
                                          "requires",
                                          "return",
                                          "short",
                                          "signed",
                                          "sizeof",
                                          "static",
                                          "static_assert",
                                          "static_cast",
                                          "struct",
                                          "switch",
                                          "template",
                                          "this",
                                          "thread_local",
                                          "throw",
                                          "true",
                                          "try",
                                          "typedef",
                                          "typeid",
                                          "typename",
                                          "union",
                                          "unsigned",
                                          "using",
                                          "virtual",
                                          "void",
                                          "volatile",
                                          "wchar_t",
                                          "while",
                                          "xor"};

bool IsNumber(std::string_view text) {
  text = SkipBlanks(text);
  return !text.empty() && std::isdigit(static_cast<unsigned char>(text[0])) &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return IsWordChar(c) || c == '\'' || c == ' ' || c == '.';
         });
}

// What GoogleTest's macros expand to. Names in capitals are macros themselves,
// see kTestNames.
const std::set<std::string>& WordsOfGoogleTest() {
  static const auto* const words = [] {
    auto* all = new std::set<std::string>;
    const std::filesystem::path root = "/usr/include/gtest";
    for (const auto& folder : {root, root / "internal"}) {
      std::error_code error;
      for (std::filesystem::directory_iterator it(folder, error), end;
           !error && it != end; it.increment(error)) {
        std::ifstream file(it->path());
        std::stringstream text;
        text << file.rdbuf();
        for (const Directive& directive : ReadDirectives(text.str())) {
          if (directive.name != "define") continue;
          for (const std::string& word : Identifiers(directive.rest)) {
            if (std::any_of(word.begin(), word.end(), IsLower)) {
              all->insert(word);
            }
          }
        }
      }
    }
    return all;
  }();
  return *words;
}

// What CONCURRENT_TEST and TEST make of the names of a test by pasting.
bool IsMadeOfATest(std::string_view macro, const std::set<std::string>& used) {
  return used.contains(std::string(macro.substr(0, macro.find('_')))) &&
         (macro.ends_with("_RacelabBody") || macro.ends_with("_Test") ||
          macro.ends_with("_racelab_declared"));
}

// "#define COUNTER_H_": nothing that anybody would write in code.
bool IsGuard(const Directive& directive) {
  return directive.rest.ends_with("_H_") || directive.rest.ends_with("_H");
}

bool IsHeader(const std::string& file) {
  const size_t dot = file.rfind('.');
  const std::string ending = dot == std::string::npos ? "" : file.substr(dot);
  return ending != ".cc" && ending != ".cpp";
}

}  // namespace

std::vector<verdict::Finding> InspectDirectives(const std::string& file,
                                                std::string_view text,
                                                std::string_view scenario) {
  std::vector<verdict::Finding> findings;
  const auto report = [&](const Directive& directive, const std::string& what) {
    verdict::Finding& finding = findings.emplace_back();
    finding.kind = verdict::FailureKind::kForbiddenConstruct;
    finding.where.file = file;
    finding.where.line = directive.line;
    finding.message = absl::StrCat(file, ":", directive.line, " ", what);
  };
  std::set<std::string> used;
  if (IsHeader(file)) used = Identifiers(scenario);
  InspectTokens(Tokens(text), IsHeader(file),
                [&](int line, const std::string& what) {
                  Directive place;
                  place.line = line;
                  report(place, what);
                });
  for (const Directive& directive : ReadDirectives(text)) {
    if (directive.name == "line" ||
        (!directive.name.empty() &&
         std::isdigit(static_cast<unsigned char>(directive.name[0])))) {
      report(directive, "pretends to be at another place (#line)");
    }
    if (directive.name != "define" && directive.name != "undef") continue;
    const std::string macro = Word(directive.rest);
    const std::string_view body =
        std::string_view(directive.rest).substr(macro.size());
    const bool of_tests =
        std::any_of(std::begin(kTestNames), std::end(kTestNames),
                    [&](std::string_view prefix) {
                      return macro.compare(0, prefix.size(), prefix) == 0;
                    });
    const bool keyword = std::find(std::begin(kKeywords), std::end(kKeywords),
                                   macro) != std::end(kKeywords);
    if (!IsHeader(file)) continue;
    const std::vector<Token> made_of = Tokens(body);
    for (const Token& token : made_of) {
      if (token.text == "testing" ||
          (token.text == "std" && made_of.size() == 1)) {
        report(directive,
               absl::StrCat("makes ", macro, " another name of ", token.text));
      }
    }
    if (of_tests || keyword || IsMadeOfATest(macro, used) ||
        (!IsGuard(directive) && WordsOfGoogleTest().contains(macro))) {
      report(directive,
             absl::StrCat("redefines ", macro, " for whoever includes it"));
    } else if (used.contains(macro) && !IsNumber(body)) {
      report(directive, absl::StrCat("makes a macro of ", macro,
                                     ", a name that the scenario uses"));
    }
  }
  return findings;
}

}  // namespace racelab::build
